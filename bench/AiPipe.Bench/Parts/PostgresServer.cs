using System.Diagnostics;
using System.Globalization;

namespace AiPipe.Bench.Parts;

/// <summary>A Postgres of this run, with fsync as in production.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private static readonly string Bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";

    private readonly Part _process;
    private readonly int _port;

    private PostgresServer(Part process, int port) => (_process, _port) = (process, port);

    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres");

    public double Cpu => Proc.CpuOfFamily(_process.Pid);

    public static async Task<PostgresServer> StartAsync()
    {
        var port = Part.FreePort();
        var folder = new Folder();
        var data = Path.Combine(folder.Path, "data");
        // Postgres does not run as root; its files belong to the user it runs as.
        if (Environment.IsPrivilegedProcess) await RunAsync(["chown", "postgres", folder.Path]);
        await RunAsync([.. AsPostgres, $"{Bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust"]);
        string[] command =
        [
            .. AsPostgres, $"{Bin}/postgres", "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
        ];
        return new PostgresServer(
            await Part.Start(folder, "postgres", command[0], command[1..]).ListensAsync(port), port)
        { OwnFolder = folder };
    }

    private Folder? OwnFolder { get; init; }

    /// <summary>The one value that a statement yields.</summary>
    public async Task<decimal> ValueAsync(string statement) =>
        decimal.Parse(await RunAsync(
            [$"{Bin}/psql", "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-Atc", statement]),
            CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        OwnFolder?.Dispose();
    }

    private static string[] AsPostgres =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    private static async Task<string> RunAsync(string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
            command[0], command[1..])
            { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = "/" })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said.Trim() : throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}.");
    }
}
