using System.Text.Json;

namespace AiPipe.Proxy.Apis.Requests;

[Flags]
internal enum RequestField
{
    Other = 0,
    Model = 1 << 0,
    Stream = 1 << 1,
    StreamOptions = 1 << 2,
    MaxTokens = 1 << 3,
    MaxCompletionTokens = 1 << 4,
    MaxOutputTokens = 1 << 5,
    N = 1 << 6,
    BestOf = 1 << 7,
    ServiceTier = 1 << 8,
    Input = 1 << 9,
    Tools = 1 << 10,
    GenerationConfig = 1 << 11,
    Modalities = 1 << 12,
    WebSearchOptions = 1 << 13,
    MaxToolCalls = 1 << 14,
    /// <summary>Refers to input stored at the provider; may appear in several fields.</summary>
    InputElsewhere = 1 << 15,
    /// <summary>Requests something whose cost is not metered.</summary>
    Unmetered = 1 << 16,
}

internal static class RequestFields
{
    private const int MaxShown = 64;

    private static readonly Dictionary<string, RequestField> Chat = new(StringComparer.OrdinalIgnoreCase)
    {
        ["model"] = RequestField.Model,
        ["stream"] = RequestField.Stream,
        ["stream_options"] = RequestField.StreamOptions,
        ["max_tokens"] = RequestField.MaxTokens,
        ["max_completion_tokens"] = RequestField.MaxCompletionTokens,
        ["n"] = RequestField.N,
        ["service_tier"] = RequestField.ServiceTier,
        ["messages"] = RequestField.Input,
        ["tools"] = RequestField.Tools,
        ["modalities"] = RequestField.Modalities,
        ["web_search_options"] = RequestField.WebSearchOptions,
        // OpenRouter: models other than the priced one, extras with their own prices, and presets that can set both.
        ["models"] = RequestField.Unmetered,
        ["plugins"] = RequestField.Unmetered,
        ["preset"] = RequestField.Unmetered,
    };

    private static readonly Dictionary<string, RequestField> Completions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["model"] = RequestField.Model,
        ["stream"] = RequestField.Stream,
        ["stream_options"] = RequestField.StreamOptions,
        ["max_tokens"] = RequestField.MaxTokens,
        ["n"] = RequestField.N,
        ["best_of"] = RequestField.BestOf,
        ["prompt"] = RequestField.Input,
        ["models"] = RequestField.Unmetered,
        ["plugins"] = RequestField.Unmetered,
        ["preset"] = RequestField.Unmetered,
    };

    private static readonly Dictionary<string, RequestField> Responses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["model"] = RequestField.Model,
        ["stream"] = RequestField.Stream,
        ["max_output_tokens"] = RequestField.MaxOutputTokens,
        ["max_tool_calls"] = RequestField.MaxToolCalls,
        ["service_tier"] = RequestField.ServiceTier,
        ["input"] = RequestField.Input,
        ["tools"] = RequestField.Tools,
        ["previous_response_id"] = RequestField.InputElsewhere,
        ["conversation"] = RequestField.InputElsewhere,
        ["prompt"] = RequestField.InputElsewhere,
        // Returns at once, without usage.
        ["background"] = RequestField.Unmetered,
        ["models"] = RequestField.Unmetered,
        ["plugins"] = RequestField.Unmetered,
        ["preset"] = RequestField.Unmetered,
    };

    private static readonly Dictionary<string, RequestField> Embeddings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["model"] = RequestField.Model,
        ["input"] = RequestField.Input,
    };

    private static readonly Dictionary<string, RequestField> Gemini = new(StringComparer.OrdinalIgnoreCase)
    {
        // The path names the model; a second one in the body is refused as ambiguous.
        ["model"] = RequestField.Model,
        ["contents"] = RequestField.Input,
        ["content"] = RequestField.Input,
        ["requests"] = RequestField.Input,
        ["tools"] = RequestField.Tools,
        ["generationConfig"] = RequestField.GenerationConfig,
        ["generation_config"] = RequestField.GenerationConfig,
        // The cache belongs to the user who created it with the shared key.
        ["cachedContent"] = RequestField.Unmetered,
        ["cached_content"] = RequestField.Unmetered,
        // A tier nearly doubles the price, and only a response header reports it: https://ai.google.dev/gemini-api/docs/priority-inference
        ["serviceTier"] = RequestField.Unmetered,
        ["service_tier"] = RequestField.Unmetered,
    };

    private static readonly Dictionary<string, RequestField> GeminiConfig = new(StringComparer.OrdinalIgnoreCase)
    {
        ["maxOutputTokens"] = RequestField.MaxOutputTokens,
        ["max_output_tokens"] = RequestField.MaxOutputTokens,
        ["candidateCount"] = RequestField.N,
        ["candidate_count"] = RequestField.N,
        ["responseModalities"] = RequestField.Modalities,
        ["response_modalities"] = RequestField.Modalities,
    };

    public static RequestField Identify(ref Utf8JsonReader json, Api api) => Find(ref json, api switch
    {
        Api.Completions => Completions,
        Api.Responses => Responses,
        Api.Embeddings => Embeddings,
        Api.GeminiGenerate or Api.GeminiEmbed => Gemini,
        _ => Chat,
    });

    public static RequestField IdentifyInGenerationConfig(ref Utf8JsonReader json) => Find(ref json, GeminiConfig);

    public static string NameOf(ref Utf8JsonReader json) => Shown(json.GetString() ?? "");

    public static string Shown(string word) => word.Length <= MaxShown ? word : word[..MaxShown];

    private static RequestField Find(ref Utf8JsonReader json, Dictionary<string, RequestField> fields)
    {
        const int LongestName = 32;
        // Escapes take up to six bytes per character.
        if (json.ValueSpan.Length > LongestName * 6
            || (!json.ValueIsEscaped && json.ValueSpan.Length > LongestName)) return RequestField.Other;
        Span<char> name = stackalloc char[LongestName * 6];
        var length = json.CopyString(name);
        if (!fields.GetAlternateLookup<ReadOnlySpan<char>>()
            .TryGetValue(name[..length], out var known, out var field)) return RequestField.Other;
        // Some providers ignore case: a field in other capitals could hide a second limit, so it is refused.
        return name[..length].SequenceEqual(known) ? field : RequestField.Unmetered;
    }
}
