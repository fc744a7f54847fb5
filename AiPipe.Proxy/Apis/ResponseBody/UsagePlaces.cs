using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>
/// Where responses have their usage, facts and errors. Every API is read with every shape: providers and gateways before them mix the
/// names of one API with the events of another. Content that a model writes is at none of these positions.
/// </summary>
internal static class UsagePlaces
{
    /// <summary>Gateways wrap a response or its events: Gemini's Code Assist in <c>response</c>, Cloudflare in <c>result</c>.</summary>
    public static readonly string[] Envelopes = ["", "response.", "result."];

    // Moonshot reports in a choice of the stream, Groq under its own name.
    private static readonly string[] Objects = ["usage", "usageMetadata", "usage_metadata", "choices[].usage", "x_groq.usage"];

    private static readonly (string Path, Field Field)[] Counts =
    [
        .. Named(Field.Input, "prompt_tokens", "promptTokens", "promptTokenCount", "prompt_token_count"),
        .. Named(Field.InputTokens, "input_tokens", "inputTokens"),
        .. Named(Field.ToolInput, "toolUsePromptTokenCount", "tool_use_prompt_token_count"),
        .. Named(Field.CacheRead, "cachedContentTokenCount", "cached_content_token_count"),
        .. Named(Field.CacheHit, "prompt_cache_hit_tokens", "cached_tokens"),
        .. Named(Field.CacheReadBeside, "cache_read_input_tokens"),
        .. Named(Field.CacheWriteBeside, "cache_creation_input_tokens"),
        .. Named(Field.CacheWrite1h, "cache_creation.ephemeral_1h_input_tokens"),
        .. InputDetails("prompt_tokens_details."),
        .. InputDetails("input_tokens_details."),
        .. InputDetails("input_token_details."),
        .. Named(Field.Output, "completion_tokens", "completionTokens", "output_tokens", "outputTokens"),
        .. Named(Field.Candidates, "candidatesTokenCount", "candidates_token_count"),
        .. Named(Field.Thoughts, "thoughtsTokenCount", "thoughts_token_count"),
        .. Named(Field.Reasoning, "reasoning_tokens"),
        .. OutputDetails("completion_tokens_details."),
        .. OutputDetails("output_tokens_details."),
        .. OutputDetails("output_token_details."),
        .. Modalities(Field.InputDetail, "promptTokensDetails[]"),
        .. Modalities(Field.OutputDetail, "candidatesTokensDetails[]"),
        .. Named(Field.Total, "total_tokens", "totalTokens", "totalTokenCount", "total_token_count"),
        .. Named(Field.WebSearches, "num_search_queries", "server_tool_use.web_search_requests"),
        ("cost", Field.Cost),
        ("is_byok", Field.OwnProviderKey),
        ("cost_details.upstream_inference_cost", Field.UpstreamCost),
    ];

    // A member without a field makes the scanner look into the object.
    private static readonly (string Path, Field Field)[] Errors =
    [
        ("error", Field.Error),
        ("error.message", Field.None),
        ("errors[]", Field.Error),
        ("errors[].message", Field.None),
        ("choices[].error", Field.Error),
        ("choices[].error.message", Field.None),
        ("type", Field.Type),
        ("object", Field.Type),
    ];

    /// <summary>The places of usage and errors that all APIs share.</summary>
    /// <param name="inArray">True if a response can also be an array of events.</param>
    public static IEnumerable<(string Path, Field Field)> In(bool inArray = false)
    {
        string[] envelopes = inArray ? [.. Envelopes, .. Envelopes.Select(static envelope => "[]." + envelope)] : Envelopes;
        return
        [
            .. JsonPaths.Under(envelopes, [.. Objects.Select(static place => (place, Field.Usage))]),
            .. JsonPaths.Under(envelopes.SelectMany(static envelope => Objects.Select(place => $"{envelope}{place}.")), Counts),
            // Google's errors are an array even where its responses are not.
            .. JsonPaths.Under(envelopes.Append("[].").Distinct(StringComparer.Ordinal), Errors),
        ];
    }

    /// <summary>The places of a report of the input only.</summary>
    /// <param name="envelope">With a dot at its end.</param>
    public static IEnumerable<(string Path, Field Field)> InputIn(string envelope) =>
    [
        (envelope + "usage", Field.Usage),
        .. JsonPaths.Under([envelope + "usage."], [.. Counts.Where(static count => count.Field != Field.Output)]),
    ];

    private static IEnumerable<(string, Field)> Named(Field field, params IEnumerable<string> names) =>
        names.Select(name => (name, field));

    private static IEnumerable<(string, Field)> InputDetails(string prefix) => JsonPaths.Under([prefix],
        ("cached_tokens", Field.CacheRead),
        ("cache_write_tokens", Field.CacheWrite),
        ("cache_creation_tokens", Field.CacheWrite),
        ("audio_tokens", Field.InputAudio),
        ("image_tokens", Field.InputImage));

    private static IEnumerable<(string, Field)> OutputDetails(string prefix) => JsonPaths.Under([prefix],
        ("reasoning_tokens", Field.Reasoning),
        ("audio_tokens", Field.OutputAudio),
        ("image_tokens", Field.OutputImage));

    private static IEnumerable<(string, Field)> Modalities(Field detail, string place) =>
        [(place, detail), (place + ".modality", Field.Modality), (place + ".tokenCount", Field.ModalityTokens)];
}
