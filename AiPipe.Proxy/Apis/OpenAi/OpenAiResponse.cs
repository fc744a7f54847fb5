using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.OpenAi;

internal abstract class OpenAiResponse(JsonPaths paths) : ApiResponse(paths)
{
    /// <summary>The usage object, with the additions of OpenRouter, DeepSeek and Perplexity.</summary>
    protected static readonly (string Path, Field Field)[] CompletionFields =
    [
        ("id", Field.Id),
        ("model", Field.Model),
        ("service_tier", Field.ServiceTier),
        ("choices[].finish_reason", Field.FinishReason),
        ("usage", Field.Usage),
        ("usage.prompt_tokens", Field.Input),
        ("usage.prompt_tokens_details.cached_tokens", Field.CacheRead),
        ("usage.prompt_tokens_details.cache_write_tokens", Field.CacheWrite),
        ("usage.prompt_tokens_details.audio_tokens", Field.InputAudio),
        ("usage.prompt_tokens_details.image_tokens", Field.InputImage),
        ("usage.prompt_cache_hit_tokens", Field.CacheHit),
        ("usage.completion_tokens", Field.Output),
        ("usage.completion_tokens_details.reasoning_tokens", Field.Reasoning),
        ("usage.completion_tokens_details.audio_tokens", Field.OutputAudio),
        ("usage.completion_tokens_details.image_tokens", Field.OutputImage),
        ("usage.total_tokens", Field.Total),
        ("usage.num_search_queries", Field.WebSearches),
        ("usage.cost", Field.Cost),
        ("usage.is_byok", Field.OwnProviderKey),
        ("usage.cost_details.upstream_inference_cost", Field.UpstreamCost),
    ];

    protected override TokenUsage Normalise(Report report) => new()
    {
        Input = report[Field.Input],
        CacheRead = report[Field.CacheRead] ?? report[Field.CacheHit],
        CacheWrite = report[Field.CacheWrite],
        InputAudio = report[Field.InputAudio],
        InputImage = report[Field.InputImage],
        Output = OutputWithReasoning(report),
        Reasoning = report[Field.Reasoning],
        OutputAudio = report[Field.OutputAudio],
        OutputImage = report[Field.OutputImage],
        WebSearches = report[Field.WebSearches],
        // https://openrouter.ai/docs/use-cases/byok: with a BYOK key at OpenRouter, `cost` is only OpenRouter's fee.
        ReportedCost = report.IsOwnProviderKey ? report.Cost + (report.UpstreamCost ?? 0) : report.Cost,
    };

    /// <summary>xAI reports reasoning separately from the output; its total reveals that.</summary>
    private static long? OutputWithReasoning(Report report) =>
        report[Field.Reasoning] is > 0 and var reasoning
        && report[Field.Total] == report[Field.Input] + report[Field.Output] + reasoning
            ? report[Field.Output] + reasoning
            : report[Field.Output];
}
