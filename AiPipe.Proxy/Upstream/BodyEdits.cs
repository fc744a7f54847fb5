using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.Requests;
using AiPipe.Proxy.Calls;
using static System.FormattableString;

namespace AiPipe.Proxy.Upstream;

/// <summary>Computes the edits of a call's body before it is sent.</summary>
internal static class BodyEdits
{
    public static List<BodyEdit> For(CallContext call)
    {
        var edits = new List<BodyEdit>();
        if (call.Body.Layout is not { } layout) return edits;
        if (call.Routed is { Route.IsAlias: true, Target: var target } && layout.Model is { } model) edits.Add(
            Replace(model, $"\"{JsonEncodedText.Encode(target.Model)}\""));
        if (call.Reservation?.Hold.OutputLimit is { } limit) LimitOutput(edits, layout, limit, call);
        if (NeedsUsage(call, layout)) IncludeUsage(edits, layout);
        if (call.Body.WebSearchesAtMost > 0 && call.Endpoint.Api == Api.Responses)
            edits.Add(LimitSearches(layout, call.Body.WebSearchesAtMost));
        edits.Sort((a, b) => a.At.CompareTo(b.At));
        return edits;
    }

    private static void LimitOutput(List<BodyEdit> edits, BodyLayout layout, long limit, CallContext call)
    {
        foreach (var value in layout.OutputLimits) edits.Add(Replace(value, Invariant($"{limit}")));
        if (layout.OutputLimits.Count > 0) return;
        edits.Add(call.Endpoint.Api switch
        {
            Api.GeminiGenerate when layout.LimitParent is { } config => Put(config, Invariant($"\"maxOutputTokens\":{limit}")),
            Api.GeminiGenerate => Put(layout.Root, Invariant($"\"generationConfig\":{{\"maxOutputTokens\":{limit}}}")),
            Api.Responses => Put(layout.Root, Invariant($"\"max_output_tokens\":{limit}")),
            Api.Completions => Put(layout.Root, Invariant($"\"max_tokens\":{limit}")),
            _ => Put(layout.Root, Invariant($"\"{call.Provider.ChatLimitField}\":{limit}")),
        });
    }

    /// <summary>Replaces the value of <c>max_tool_calls</c>, including <c>null</c>, since a duplicate field would be ambiguous.</summary>
    private static BodyEdit LimitSearches(BodyLayout layout, int searches) => layout.MaxToolCalls is { } value
        ? Replace(value, Invariant($"{searches}"))
        : Put(layout.Root, Invariant($"\"max_tool_calls\":{searches}"));

    /// <summary>OpenAI's chat streams report usage only on request; the other APIs always do.</summary>
    private static bool NeedsUsage(CallContext call, BodyLayout layout) =>
        call.Body.Streams && !layout.IncludesUsage && !call.Provider.ReportsCost
        && call.Endpoint.Api is Api.ChatCompletions or Api.Completions;

    private static void IncludeUsage(List<BodyEdit> edits, BodyLayout layout) => edits.Add(layout switch
    {
        { IncludeUsage: { } value } => Replace(value, "true"),
        { StreamOptions: { } options } => Put(options, "\"include_usage\":true"),
        { NullStreamOptions: { } value } => Replace(value, "{\"include_usage\":true}"),
        _ => Put(layout.Root, "\"stream_options\":{\"include_usage\":true}"),
    });

    private static BodyEdit Replace(ValueSpot value, string text) => new(value.Start, value.Length, Encoding.ASCII.GetBytes(text));

    private static BodyEdit Put(ObjectSpot place, string field) =>
        new(place.Inside, Remove: 0, Encoding.ASCII.GetBytes(place.IsEmpty ? field : field + ","));
}
