using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Pricing;
using static System.FormattableString;

namespace AiPipe.Proxy.Upstream;

/// <summary>Computes the edits of a call's body before it is sent.</summary>
internal static class BodyEdits
{
    /// <param name="mayRequestUsage">False if the provider rejects <c>stream_options</c>.</param>
    public static List<BodyEdit> For(CallContext call, bool mayRequestUsage = true)
    {
        var edits = new List<BodyEdit>();
        if (call is not { Body.Layout: { } layout, Endpoint.Api: { } api }) return edits;
        if (call.Routed is { Route.IsAlias: true, Target: var target } && layout.Model is { } model)
            edits.Add(BodyEdit.Replace(model, $"\"{JsonEncodedText.Encode(target.Model)}\""));
        if (call.Reservation?.Limit.OutputLimit is { } limit)
        {
            foreach (var value in layout.OutputLimits) edits.Add(BodyEdit.Replace(value, Invariant($"{limit}")));
            // The thinking is a part of the output, and must leave room for the answer.
            foreach (var (spot, tokens) in layout.Thinking)
                if (tokens > limit / 2) edits.Add(BodyEdit.Replace(spot, Invariant($"{limit / 2}")));
            if (layout.OutputLimits.Count == 0 && api.AddOutputLimit(layout, limit, call.Provider.ChatLimitField) is { } edit)
                edits.Add(edit);
        }
        if (call.RequestsUsage = mayRequestUsage && api.ReportsStreamUsageOnRequest && call.Body.Streams && !layout.IncludesUsage
            && !call.Provider.ReportsCost && !call.Provider.ReportsStreamUsage)
            edits.Add(IncludeUsage(layout));
        if (api.LimitsToolCalls && call.Body.WebSearchesAtMost > 0) edits.Add(LimitSearches(layout, call.Body.WebSearchesAtMost));
        if (call is { Provider.TakesMaxPrice: true, Price: { IsStatedFree: false } price })
            edits.Add(LimitPrice(layout, price.ReserveAt(call.Body.ServiceTier)));
        edits.Sort((a, b) => a.At.CompareTo(b.At));
        return edits;
    }

    /// <summary>Replaces the value of <c>max_tool_calls</c>, including <c>null</c>, since a duplicate field would be ambiguous.</summary>
    private static BodyEdit LimitSearches(BodyLayout layout, int searches) => layout switch
    {
        { SearchLimit: { MaxUses: { } uses } } => BodyEdit.Replace(uses, Invariant($"{searches}")),
        { SearchLimit: { } search } => BodyEdit.Add(search.Tool, Invariant($"\"max_uses\":{searches}")),
        { MaxToolCalls: { } value } => BodyEdit.Replace(value, Invariant($"{searches}")),
        _ => BodyEdit.Add(layout.Root, Invariant($"\"max_tool_calls\":{searches}")),
    };

    /// <summary>OpenRouter may choose a dearer provider than the one whose price is reserved. USD per million tokens.</summary>
    private static BodyEdit LimitPrice(BodyLayout layout, Price price)
    {
        var (input, output) = (Math.Max(price.Input, price.Above?.Input ?? 0), Math.Max(price.Output, price.Above?.Output ?? 0));
        // The caller may accept less.
        input = Math.Min(input, layout.ProviderPreferences?.Prompt ?? input);
        output = Math.Min(output, layout.ProviderPreferences?.Completion ?? output);
        var limit = Invariant($"{{\"prompt\":{input:0.############},\"completion\":{output:0.############}}}");
        return layout.ProviderPreferences switch
        {
            null => BodyEdit.Add(layout.Root, $"\"provider\":{{\"max_price\":{limit}}}"),
            { MaxPrice: { } value } => BodyEdit.Replace(value, limit),
            { Object: { } preferences } => BodyEdit.Add(preferences, $"\"max_price\":{limit}"),
            { Value: var value } => BodyEdit.Replace(value, $"{{\"max_price\":{limit}}}"),
        };
    }

    private static BodyEdit IncludeUsage(BodyLayout layout) => layout switch
    {
        { IncludeUsage: { } value } => BodyEdit.Replace(value, "true"),
        { StreamOptions: { } options } => BodyEdit.Add(options, "\"include_usage\":true"),
        { NullStreamOptions: { } value } => BodyEdit.Replace(value, "{\"include_usage\":true}"),
        _ => BodyEdit.Add(layout.Root, "\"stream_options\":{\"include_usage\":true}"),
    };
}
