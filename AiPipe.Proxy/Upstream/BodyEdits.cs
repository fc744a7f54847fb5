using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Calls;
using static System.FormattableString;

namespace AiPipe.Proxy.Upstream;

/// <summary>Computes the edits of a call's body before it is sent.</summary>
internal static class BodyEdits
{
    public static List<BodyEdit> For(CallContext call)
    {
        var edits = new List<BodyEdit>();
        if (call is not { Body.Layout: { } layout, Endpoint.Api: { } api }) return edits;
        if (call.Routed is { Route.IsAlias: true, Target: var target } && layout.Model is { } model)
            edits.Add(BodyEdit.Replace(model, $"\"{JsonEncodedText.Encode(target.Model)}\""));
        if (call.Reservation?.Limit.OutputLimit is { } limit)
        {
            foreach (var value in layout.OutputLimits) edits.Add(BodyEdit.Replace(value, Invariant($"{limit}")));
            if (layout.OutputLimits.Count == 0 && api.AddOutputLimit(layout, limit, call.Provider.ChatLimitField) is { } edit)
                edits.Add(edit);
        }
        if (call.RequestsUsage = api.ReportsStreamUsageOnRequest && call.Body.Streams && !layout.IncludesUsage && !call.Provider.ReportsCost)
            edits.Add(IncludeUsage(layout));
        if (api.LimitsToolCalls && call.Body.WebSearchesAtMost > 0) edits.Add(LimitSearches(layout, call.Body.WebSearchesAtMost));
        edits.Sort((a, b) => a.At.CompareTo(b.At));
        return edits;
    }

    /// <summary>Replaces the value of <c>max_tool_calls</c>, including <c>null</c>, since a duplicate field would be ambiguous.</summary>
    private static BodyEdit LimitSearches(BodyLayout layout, int searches) => layout.MaxToolCalls is { } value
        ? BodyEdit.Replace(value, Invariant($"{searches}"))
        : BodyEdit.Add(layout.Root, Invariant($"\"max_tool_calls\":{searches}"));

    private static BodyEdit IncludeUsage(BodyLayout layout) => layout switch
    {
        { IncludeUsage: { } value } => BodyEdit.Replace(value, "true"),
        { StreamOptions: { } options } => BodyEdit.Add(options, "\"include_usage\":true"),
        { NullStreamOptions: { } value } => BodyEdit.Replace(value, "{\"include_usage\":true}"),
        _ => BodyEdit.Add(layout.Root, "\"stream_options\":{\"include_usage\":true}"),
    };
}
