using AiPipe.Proxy.Infrastructure;
using Microsoft.AspNetCore.Builder;

namespace AiPipe.Tests.Infrastructure;

public sealed class DevelopmentSecretTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aipipe-secret-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Replicas_that_start_together_share_one_secret()
    {
        for (var round = 0; round < 20; round++)
        {
            var folder = Path.Combine(_folder.FullName, $"{round}");
            var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SecretOf("Development", folder))));
            Assert.Equal(64, Assert.Single(secrets.Distinct())!.Length);
        }
    }

    [Fact]
    public void It_is_kept_for_its_owner_only()
    {
        var secret = SecretOf("Development", _folder.FullName);
        var file = Path.Combine(_folder.FullName, "secret");
        Assert.Equal(secret, SecretOf("Development", _folder.FullName));
        Assert.Equal(secret, File.ReadAllText(file));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void One_that_an_earlier_version_kept_stays()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "secret"), "of-an-earlier-version\n");
        Assert.Equal("of-an-earlier-version", SecretOf("Development", _folder.FullName));
    }

    [Fact]
    public void A_configured_secret_stays_and_Production_has_none()
    {
        Assert.Equal("mine", SecretOf("Development", _folder.FullName, "mine"));
        Assert.Null(SecretOf("Production", _folder.FullName));
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_named()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var e = Assert.Throws<InvalidOperationException>(() => SecretOf("Development", Path.Combine(file, "data")));
        Assert.Contains("name another folder in AIPIPE_DATA", e.Message, StringComparison.Ordinal);
    }

    private static string? SecretOf(string environment, string folder, string? configured = null)
    {
        string[] arguments = ["--environment", environment, "--AIPIPE_DATA", folder, "--AIPIPE_SECRET", configured ?? ""];
        var secret = WebApplication.CreateSlimBuilder(arguments).AddDevelopmentSecret().Configuration["AIPIPE_SECRET"];
        return secret is { Length: > 0 } ? secret : null;
    }
}
