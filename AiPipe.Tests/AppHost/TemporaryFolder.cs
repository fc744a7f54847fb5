using AiPipe.AppHost.Hosting;

namespace AiPipe.Tests.AppHost;

/// <summary>A data folder whose name needs quoting, under a parent that only its owner may enter, as under /root or a mktemp -d.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("aipipe-");

    public TemporaryFolder() => Path = DataFolder.Open(System.IO.Path.Combine(_parent.FullName, "Ann's data"));

    public string Path { get; }

    public void Dispose() => _parent.Delete(recursive: true);
}
