using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Bench.Parts;

namespace AiPipe.Bench.Load;

/// <summary>As many calls as go through, by wrk (https://github.com/wg/wrk): it costs far less than a client of ours.</summary>
internal static class Wrk
{
    private const int Users = 100;

    /// <summary>Keeps a number of calls in flight for a while.</summary>
    public static async Task<WrkResult> RunAsync(Folder folder, Target target, int inFlight, TimeSpan duration)
    {
        var tokens = Path.Combine(folder.Path, "tokens");
        var body = Path.Combine(folder.Path, "body.json");
        await File.WriteAllLinesAsync(
            tokens, Enumerable.Range(0, Users)
            .Select(user => GatewaySettings.Token(string.Create(CultureInfo.InvariantCulture, $"user{user}@example.com"))));
        await File.WriteAllTextAsync(body, Chat.Body(streams: false));
        string[] arguments =
        [
            "-t", Number(target.Ports.Count), "-c", Number(inFlight), "-d", Number((int)duration.TotalSeconds) + "s",
            "-s", Path.Combine(AppContext.BaseDirectory, "Load", "chat.lua"),
            "http://127.0.0.1:" + Number(target.Ports[0]), "--", Chat.Path, tokens, body, .. target.Ports.Select(Number),
        ];
        using var wrk = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var line = said.Split('\n')
            .LastOrDefault(text => text.StartsWith('{')) ?? throw new InvalidOperationException($"wrk failed: {said}");
        return JsonSerializer.Deserialize(line, WrkJson.Default.WrkResult)!;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What <c>chat.lua</c> prints; times in microseconds.</summary>
internal sealed record WrkResult(long Requests, long Errors, long Duration, long P50, long P99)
{
    public double PerSecond => Requests / (Duration / 1e6);
}

[JsonSerializable(typeof(WrkResult))]
internal sealed partial class WrkJson : JsonSerializerContext;
