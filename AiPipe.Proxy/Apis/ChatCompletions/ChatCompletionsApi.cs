using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.ChatCompletions;

/// <summary>https://platform.openai.com/docs/api-reference/chat</summary>
internal sealed class ChatCompletionsApi() : OpenAiApi("/v1/chat/completions", "chat")
{
    public static readonly ChatCompletionsApi Instance = new();

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("stream", RequestField.Stream),
        ("stream_options", RequestField.StreamOptions),
        ("max_tokens", RequestField.MaxTokens),
        ("max_completion_tokens", RequestField.MaxCompletionTokens),
        ("n", RequestField.N),
        ("service_tier", RequestField.ServiceTier),
        ("messages", RequestField.Input),
        ("tools", RequestField.Tools),
        ("prediction", RequestField.Prediction),
        ("modalities", RequestField.Modalities),
        ("web_search_options", RequestField.WebSearchOptions),
        .. OpenRouterFields,
    ]);

    public override bool ReportsStreamUsageOnRequest => true;

    public override ApiResponse CreateResponse() => new ChatCompletionsResponse();

    public override ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) =>
        isEventStream ? CompletionEnding.Create("chat.completion.chunk", facts, createdAt) : default;

    public override InputMessages ReadInput(JsonElement body) => new([.. body.Items("messages").Select(OpenAiContent.Message)], []);

    public override OutputMessages CreateOutput() => new ChatCompletionsOutput();

    protected override string LimitField(string chatField) => chatField;
}
