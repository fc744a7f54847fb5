using AiPipe.AppHost.Postgres;
using AiPipe.AppHost.Starting;

namespace AiPipe.Tests.AppHost;

public sealed class NpmPostgresTests : IDisposable
{
    // Under root it must stand where the unprivileged user can run it; the folder of a test is closed to others.
    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("aipipe-npm-");
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _cache.Delete(recursive: true);
        _folder.Dispose();
    }

    [Fact]
    public async Task Programs_from_npm_make_and_run_a_cluster()
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
            Assert.Skip($"npm's package cannot be had here: {e.Message}");
        }
        if (binaries is null) Assert.Skip("There is no npm here.");

        Assert.Equal(NpmPostgres.Major, binaries.Major);
        var data = Path.Combine(_folder.Path, "postgres");
        var cluster = new Cluster(data, binaries, await UnprivilegedUser.FindAsync(cancellation));
        await cluster.CreateAsync(cancellation);
        Assert.Equal(NpmPostgres.Major, Cluster.MajorOf(data));
        var started = await cluster.StartAsync(AiPipe.AppHost.EmbeddedPostgres.FreePort(), "server.log", cancellation);
        Assert.True(started.Succeeded, started.LastWords);
        Assert.True(Postmaster.Of(data)!.Runs(data));
        await cluster.StopAsync(cancellation);
        Assert.Null(Postmaster.Of(data));

        // The second time it is there already: nothing is fetched.
        Assert.Equal(binaries, await NpmPostgres.InstallAsync(_cache.FullName, _ => Assert.Fail("fetched again"), cancellation));
    }
}
