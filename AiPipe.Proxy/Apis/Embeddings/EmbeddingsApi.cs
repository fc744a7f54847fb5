using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;

namespace AiPipe.Proxy.Apis.Embeddings;

/// <summary>https://platform.openai.com/docs/api-reference/embeddings</summary>
internal sealed class EmbeddingsApi() : OpenAiApi("/v1/embeddings", "embeddings")
{
    public static readonly EmbeddingsApi Instance = new();

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("input", RequestField.Input),
        ("provider", RequestField.ProviderPreferences),
    ]);

    public override bool HasOutput => false;

    public override ApiResponse CreateResponse() => new EmbeddingsResponse();
}
