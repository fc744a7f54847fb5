using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace AiPipe.Tests.Deployment;

/// <summary>An image as <c>docker load</c> reads it: a tar file with a manifest, the image's configuration and its layers.</summary>
internal sealed class ImageArchive
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly string[] _layers;

    /// <summary>Reads an archive.</summary>
    public ImageArchive(string path)
    {
        using var file = File.OpenRead(path);
        foreach (var entry in Entries(file))
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            _files[entry.Name] = content.ToArray();
        }
        using var manifest = JsonDocument.Parse(_files["manifest.json"]);
        var image = manifest.RootElement[0];
        Tag = image.GetProperty("RepoTags")[0].GetString()!;
        _layers = [.. image.GetProperty("Layers").EnumerateArray().Select(static layer => layer.GetString()!)];
        ConfigurationText = Encoding.UTF8.GetString(_files[image.GetProperty("Config").GetString()!]);
        using var configuration = JsonDocument.Parse(ConfigurationText);
        Configuration = configuration.RootElement.GetProperty("config").Deserialize<ImageConfiguration>()!;
        // The first layer is the base image's.
        Files = [.. _layers.Skip(1).SelectMany(layer => Entries(Open(layer)))
            .Where(static entry => entry.EntryType is not (TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes))
            .Select(static entry => (entry.Name, entry.Mode))];
    }

    /// <summary>The name and the tag of the image.</summary>
    public string Tag { get; }

    /// <summary>The settings with which a container engine runs the image.</summary>
    public ImageConfiguration Configuration { get; }

    /// <summary>The whole configuration, with labels and history.</summary>
    public string ConfigurationText { get; }

    /// <summary>The files that the image adds to its base image.</summary>
    public IReadOnlyList<(string Name, UnixFileMode Mode)> Files { get; }

    /// <summary>Writes the image's file system into a folder.</summary>
    public void Unpack(string folder)
    {
        foreach (var layer in _layers)
        {
            using var content = Open(layer);
            TarFile.ExtractToDirectory(content, folder, overwriteFiles: true);
        }
    }

    private GZipStream Open(string layer) => new(new MemoryStream(_files[layer]), CompressionMode.Decompress);

    private static IEnumerable<TarEntry> Entries(Stream stream)
    {
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry(copyData: true) is { } entry) yield return entry;
    }
}

/// <summary>The settings with which a container engine runs an image, named as in the OCI image specification.</summary>
internal sealed record ImageConfiguration(
    string User, string[] Entrypoint, string[]? Cmd, string WorkingDir, string[] Env, Dictionary<string, object> ExposedPorts,
    Dictionary<string, string> Labels);
