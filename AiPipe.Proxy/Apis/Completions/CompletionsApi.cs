using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.Completions;

/// <summary>https://platform.openai.com/docs/api-reference/completions</summary>
internal sealed class CompletionsApi() : OpenAiApi("/v1/completions", "text_completion")
{
    public static readonly CompletionsApi Instance = new();

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("stream", RequestField.Stream),
        ("stream_options", RequestField.StreamOptions),
        ("max_tokens", RequestField.MaxTokens),
        ("n", RequestField.N),
        ("best_of", RequestField.BestOf),
        ("prompt", RequestField.Input),
        .. OpenRouterFields,
    ]);

    public override bool AnswersEveryPrompt => true;

    public override bool ReportsStreamUsageOnRequest => true;

    public override ApiResponse CreateResponse() => new CompletionsResponse();

    public override ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) =>
        isEventStream ? CompletionEnding.Create("text_completion", facts, createdAt) : default;

    public override InputMessages ReadInput(JsonElement body) => new(
        [.. body.Items("prompt").Where(static prompt => prompt.ValueKind == JsonValueKind.String)
            .Select(static prompt => new GenAiMessage("user", [GenAiPart.FromText(prompt.GetString()!)]))],
        []);

    public override OutputMessages CreateOutput() => new CompletionsOutput();
}
