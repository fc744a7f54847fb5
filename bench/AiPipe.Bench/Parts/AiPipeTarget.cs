using System.Globalization;

namespace AiPipe.Bench.Parts;

/// <summary>
/// AiPipe standalone, as <c>dotnet run --project AiPipe.AppHost</c> starts it, with everything on: tokens checked, budgets reserved
/// and settled, usage metered, entries journalled and written to its Postgres.
/// </summary>
internal sealed class AiPipeTarget : Target
{
    private const decimal NeverReached = 1_000_000m;

    private readonly Part _process;
    private readonly int _postgres;

    private AiPipeTarget(Part process, int port, int postgres) => (_process, Port, _postgres) = (process, port, postgres);

    public override string Name => "AiPipe";
    public override int Port { get; }
    public override double Cpu => Proc.CpuOf(_process.Pid);
    public override double PostgresCpu => Proc.CpuOfFamily(_postgres);
    public override double Memory => Proc.MemoryOfFamily(_process.Pid);

    public static async Task<AiPipeTarget> StartAsync(Folder folder, UpstreamTarget upstream, RedisServer? redis)
    {
        var port = Part.FreePort();
        var data = Path.Combine(folder.Path, "aipipe");
        var process = await Part.Start(folder, "aipipe", "dotnet",
            [Build.AppHost, .. GatewaySettings.Arguments(port, upstream.Port, NeverReached)], GatewaySettings.Environment(data, redis)).ListensAsync(port);
        var postmaster = await File.ReadAllLinesAsync(Path.Combine(data, "postgres", "postmaster.pid"));
        return new AiPipeTarget(process, port, int.Parse(postmaster[0], CultureInfo.InvariantCulture));
    }

    public override Task SettledAsync() => GatewayClient.SettledAsync(Port);

    public override ValueTask DisposeAsync() => _process.DisposeAsync();
}
