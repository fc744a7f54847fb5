using System.Globalization;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages;

/// <summary>A table of calls, one's own or everybody's.</summary>
public sealed record CallTable(IReadOnlyList<CallInfo> Calls, bool AllUsers = false)
{
    private const int Left = 499;

    public string LinkTo(CallInfo call) => $"{(AllUsers ? "/console/calls/" : "/account/calls/")}{call.Id}";

    /// <summary>How a call ended, in a word or two.</summary>
    public static string Outcome(CallInfo call) => call switch
    {
        { Kind: not "call" } => call.Kind,
        { Status: null } => "unknown",
        { Status: Left } => "caller left",
        { Status: >= 200 and < 300 } => "ok",
        { Status: { } status } => string.Create(CultureInfo.InvariantCulture, $"failed ({status})"),
    };

    public static string Tone(CallInfo call) => call is { Kind: "call", Status: >= 200 and < 300 } ? "good" : call.Status is >= 400 and not Left ? "bad" : "quiet";

    public static string Number(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "–";

    public static string Time(double? milliseconds) => milliseconds switch
    {
        null => "–",
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
    };
}
