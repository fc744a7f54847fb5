using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using AiPipe.AppHost.Postgres;
using AiPipe.AppHost.Starting;

namespace AiPipe.AppHost;

/// <summary>A private PostgreSQL in a folder: created at the first start, kept between starts, started again when it dies, stopped with us.</summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Log = "server.log";
    private const long LargestLog = 1 << 20;
    private const int LinesShown = 8;
    private const int Attempts = 4;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly DataFolderLock _held;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watch;

    private EmbeddedPostgres(Cluster cluster, DataFolderLock held, string data, int port, string password, Action<string> say)
    {
        (_cluster, _held) = (cluster, held);
        ConnectionString = $"Host=127.0.0.1;Port={port};Username={Cluster.Role};Password={password};Database={Cluster.Database}";
        _watch = WatchAsync(data, port, say);
    }

    /// <summary>Leads to the database <c>aipipe</c> over loopback; holds the password.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts it, and stops first what a killed process left running.</summary>
    /// <param name="folder">An existing folder, held until the end; the cluster is its subfolder <c>postgres</c>.</param>
    /// <param name="say">Told what takes long.</param>
    /// <param name="cancellationToken">Gives up; what was begun is found and mended by the next start.</param>
    /// <exception cref="CannotStartException">Held by another process, no PostgreSQL here, another version's data, or the server's own reason.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(string folder, Action<string> say, CancellationToken cancellationToken)
    {
        var held = DataFolderLock.Take(folder);
        try
        {
            var data = Path.Combine(folder, "postgres");
            var user = await UnprivilegedUser.FindAsync(cancellationToken);
            var binaries = await PostgresBinaries.FindAsync(Cluster.MajorOf(data), say, cancellationToken);
            if (Cluster.MajorOf(data) is null) await CreateAsync(data, binaries, user, say, cancellationToken);

            var cluster = new Cluster(data, binaries, user);
            if (user is not null) await user.TakeOverAsync(data, cancellationToken);
            await StopOrphanAsync(cluster, data, say, cancellationToken);
            var password = await PasswordAsync(cluster, Path.Combine(folder, "postgres.password"), cancellationToken);
            var port = await StartAsync(cluster, Path.Combine(data, Log), cancellationToken);
            return new EmbeddedPostgres(cluster, held, data, port, password, say);
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server and lets go of the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watch;
        await _cluster.StopAsync(CancellationToken.None);
        await _held.DisposeAsync();
        _ending.Dispose();
    }

    // Killed by somebody or for want of memory: the gateway takes calls as long as its journal has room, so the database must come back.
    private async Task WatchAsync(string data, int port, Action<string> say)
    {
        using var look = new PeriodicTimer(BetweenLooks);
        var isDown = false;
        try
        {
            while (await look.WaitForNextTickAsync(_ending.Token))
            {
                if (Postmaster.Of(data) is { } server && server.Runs(data)) continue;
                if (!isDown) say("The database ended by itself; starting it again …");
                // Never given up half-way: a server that comes up after our end would be nobody's. A failure is tried again at the next look.
                isDown = !(await _cluster.StartAsync(port, Log, CancellationToken.None)).Succeeded;
            }
        }
        catch (OperationCanceledException)
        {
            // We are ending.
        }
    }

    // Made beside and moved when whole: a start that is killed half-way leaves nothing that looks like a cluster.
    internal static async Task CreateAsync(string data, PostgresBinaries binaries, UnprivilegedUser? user, Action<string> say, CancellationToken cancellationToken)
    {
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new CannotStartException($"{data} is no PostgreSQL data folder, but it is not empty. Move it away, or name another folder in AIPIPE_DATA.");
        say($"Creating the database in {data} (PostgreSQL {binaries.Major}) …");
        var half = data + ".new";
        if (Directory.Exists(half)) Directory.Delete(half, recursive: true);
        await new Cluster(half, binaries, user).CreateAsync(cancellationToken);
        if (Directory.Exists(data)) Directory.Delete(data);
        Directory.Move(half, data);
    }

    internal static async Task StopOrphanAsync(Cluster cluster, string data, Action<string> say, CancellationToken cancellationToken)
    {
        if (Postmaster.Of(data) is not { } left) return;
        if (left.Runs(data))
        {
            say($"Stopping the database that an AiPipe which was killed left running (pid {left.Pid}) …");
            await cluster.StopAsync(cancellationToken);
        }
        else if (left.PidIsTaken())
        {
            // PostgreSQL would take the stranger with that pid for itself; a dead pid it handles alone.
            File.Delete(Postmaster.FileOf(data));
        }
    }

    private static async Task<string> PasswordAsync(Cluster cluster, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file)) return (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        await cluster.SetPasswordAsync(password, cancellationToken);
        PrivateFile.Write(file, password);
        return password;
    }

    private static async Task<int> StartAsync(Cluster cluster, string log, CancellationToken cancellationToken)
    {
        if (File.Exists(log) && new FileInfo(log).Length > LargestLog) File.Move(log, log + ".1", overwrite: true);
        // Again, because the free port may be gone when it is used, and a killed server's children need a moment to leave.
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var started = await cluster.StartAsync(port, Path.GetFileName(log), cancellationToken);
            if (started.Succeeded) return port;
            if (attempt == Attempts)
            {
                var why = File.Exists(log) ? string.Join(" | ", File.ReadLines(log).TakeLast(LinesShown)) : started.LastWords;
                throw new CannotStartException($"The database did not start. It says ({log}): {why}");
            }
            await Task.Delay(BetweenAttempts, cancellationToken);
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
