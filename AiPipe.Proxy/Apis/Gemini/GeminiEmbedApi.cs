using AiPipe.Proxy.Apis.ResponseBody;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>https://ai.google.dev/api/embeddings</summary>
internal sealed class GeminiEmbedApi : GeminiApi
{
    public static readonly GeminiEmbedApi Instance = new();

    public override IReadOnlyList<string> Endpoints { get; } =
        ["POST /models/{model}:embedContent", "POST /models/{model}:batchEmbedContents"];

    public override bool HasOutput => false;

    public override ApiResponse CreateResponse() => new GeminiEmbedResponse();

    protected override ProviderEndpoint? FindAction(string model, string verb) =>
        verb is "embedContent" or "batchEmbedContents" ? new(this, "embeddings", model) : null;
}
