using System.Globalization;
using System.Text.Json;
using AiPipe.Bench.Upstream;

namespace AiPipe.Bench.Parts;

/// <summary>The fake upstream in a process of its own: what is behind every proxy, and the measure of what one adds.</summary>
internal sealed class UpstreamTarget : Target
{
    private readonly Part _process;
    private readonly int _port;

    private UpstreamTarget(Part process, int port) => (_process, _port) = (process, port);

    public override string Name => "direct";
    public int Port => _port;
    public override IReadOnlyList<int> Ports => [_port];
    public override double Cpu => Proc.CpuOf(_process.Pid);
    public override double Memory => Proc.MemoryOfFamily(_process.Pid);

    public static async Task<UpstreamTarget> StartAsync(Folder folder)
    {
        var port = Part.FreePort();
        var process = Part.Start(folder, "upstream", "dotnet",
            [typeof(Program).Assembly.Location, "upstream", port.ToString(CultureInfo.InvariantCulture)]);
        return new UpstreamTarget(await process.ListensAsync(port), port);
    }

    /// <summary>What it served, by its own count.</summary>
    public async Task<Served> ServedAsync()
    {
        using var http = new HttpClient();
        return JsonSerializer.Deserialize(await http.GetStringAsync($"http://127.0.0.1:{_port}/record"), ServedJson.Default.Served)!;
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();
}
