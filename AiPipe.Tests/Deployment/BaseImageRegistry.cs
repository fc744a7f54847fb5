using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.Deployment;

/// <summary>
/// A container registry over HTTP on this machine. It serves one image that replaces Microsoft's base image, with the settings that the SDK
/// reads and one layer with one file. Nothing in it is executed.
/// </summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    /// <summary>The user of the real base image.</summary>
    public const string User = "1654";

    private const string Repository = "dotnet/aspnet";
    private const string Tag = "10.0-noble-chiseled";
    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string Layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private readonly WebApplication _app;

    private BaseImageRegistry(WebApplication app) => _app = app;

    /// <summary>Host and port, as the SDK names a registry.</summary>
    public string Name => new Uri(_app.Urls.Single()).Authority;

    /// <summary>The full name of the base image.</summary>
    public string Image => $"{Name}/{Repository}:{Tag}";

    /// <summary>Starts the registry. It implements the two requests that pull an image.</summary>
    public static async Task<BaseImageRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var layer = CreateLayer();
        var zipped = Zip(layer);
        var config = Json(new
        {
            architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            os = "linux",
            config = new { Env = (string[])["PATH=/usr/bin", $"APP_UID={User}", "ASPNETCORE_HTTP_PORTS=8080"] },
            rootfs = new { type = "layers", diff_ids = (string[])[Digest(layer)] },
            history = Array.Empty<object>(),
        });
        var manifest = Json(new
        {
            schemaVersion = 2,
            mediaType = Manifest,
            config = new { mediaType = "application/vnd.docker.container.image.v1+json", size = config.Length, digest = Digest(config) },
            layers = new[] { new { mediaType = Layer, size = zipped.Length, digest = Digest(zipped) } },
        });
        Dictionary<string, byte[]> blobs = new() { [Digest(config)] = config, [Digest(zipped)] = zipped };

        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        // The SDK tries TLS first, which Kestrel would log.
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet($"/v2/{Repository}/manifests/{Tag}", (HttpContext http) =>
        {
            http.Response.Headers["Docker-Content-Digest"] = Digest(manifest);
            return Results.Bytes(manifest, Manifest);
        });
        app.MapGet($"/v2/{Repository}/blobs/{{digest}}", (string digest) =>
            blobs.TryGetValue(digest, out var blob) ? Results.Bytes(blob) : Results.NotFound());
        await app.StartAsync(cancellationToken);
        return new BaseImageRegistry(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static byte[] CreateLayer()
    {
        using var layer = new MemoryStream();
        using (var tar = new TarWriter(layer, TarEntryFormat.Pax, leaveOpen: true))
        {
            using var users = new MemoryStream(Encoding.UTF8.GetBytes($"app:x:{User}:{User}::/home/app:/bin/false\n"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = users });
        }
        return layer.ToArray();
    }

    private static byte[] Zip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest)) gzip.Write(content);
        return zipped.ToArray();
    }

    private static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);
    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
