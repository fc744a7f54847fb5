using AiPipe.AppHost.Hosting;

namespace AiPipe.Tests.AppHost;

/// <summary>A data folder whose name needs quotes in a shell. Only its owner has access to the parent folder, as with /root.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("aipipe-");

    public TemporaryFolder() => Path = DataFolder.Open(System.IO.Path.Combine(_parent.FullName, "Ann's data"));

    public string Path { get; }

    public void Dispose() => _parent.Delete(recursive: true);
}
