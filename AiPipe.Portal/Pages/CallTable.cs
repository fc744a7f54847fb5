using System.Globalization;

namespace AiPipe.Portal.Pages;

/// <summary>A table of a person's calls, or of all users' for admins.</summary>
public sealed record CallTable(IReadOnlyList<CallInfo> Calls, bool AllUsers = false)
{
    private const int Cancelled = 499;

    public string LinkTo(CallInfo call) => $"{(AllUsers ? "/console/calls/" : "/account/calls/")}{call.Id}";

    /// <summary>How a call ended, in a few words.</summary>
    public static string Outcome(CallInfo call) => call switch
    {
        { Kind: "abandoned" } => "interrupted by a restart",
        { Kind: "adjustment" } => "correction by an administrator",
        { Kind: "unattributed" } => "details lost with a replica",
        { Kind: "reversal" } => "correction: details found",
        { Kind: not "call" } => call.Kind,
        { Status: null } => "unknown",
        { Status: Cancelled } => "cancelled by the caller",
        { Status: >= 200 and < 300 } => "ok",
        { Status: { } status } => string.Create(CultureInfo.InvariantCulture, $"failed ({status})"),
    };

    public static string Tone(CallInfo call) =>
        call is { Kind: "call", Status: >= 200 and < 300 } ? "good" : call.Status is >= 400 and not Cancelled ? "bad" : "quiet";

    public static string Number(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "–";

    public static string Time(double? milliseconds) => milliseconds switch
    {
        null => "–",
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
    };
}
