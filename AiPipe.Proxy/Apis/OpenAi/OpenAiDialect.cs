using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Responses;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>OpenAI and compatible providers.</summary>
internal sealed partial class OpenAiDialect : Dialect
{
    private const int MatchTimeoutMilliseconds = 100;

    /// <summary>The version that some hosts require, and the parameters of lists of models.</summary>
    private static readonly string[] PassingParameters =
        ["api-version", "limit", "after", "before", "order", "category", "supported_parameters"];

    public override string Name => "openai";

    public override string ClientPath => "/v1";

    public override IReadOnlyList<WireApi> Apis { get; } =
        [ChatCompletionsApi.Instance, CompletionsApi.Instance, ResponsesApi.Instance, EmbeddingsApi.Instance];

    protected override IReadOnlyList<string> FreeEndpoints { get; } = ["GET /v1/models", "GET /v1/models/{model}"];

    public override void Authorize(HttpRequestMessage request, string key, bool isByok) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

    public override string AllowedQuery(HttpRequest request) => QueryKey.Pick(request, PassingParameters);

    protected override ProviderEndpoint? FindFreeEndpoint(string method, string path) =>
        method is "GET" or "HEAD" && (path == "/v1/models" || OneModel().IsMatch(path)) ? ProviderEndpoint.ModelList : null;

    [GeneratedRegex(@"^/v1/models/[A-Za-z0-9._:/-]{1,200}\z", RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex OneModel();
}
