using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Images;
using AiPipe.Proxy.Apis.Moderations;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Apis.Speech;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>OpenAI and compatible providers.</summary>
internal partial class OpenAiDialect : Dialect
{
    private const int MatchTimeoutMilliseconds = 100;

    /// <summary>The version that some hosts require, and the parameters of lists of models.</summary>
    private static readonly string[] PassingParameters =
        ["api-version", "limit", "after", "before", "order", "category", "supported_parameters"];

    /// <summary>The first segments of endpoints after the version: <c>chat</c>, <c>models</c>.</summary>
    private readonly Lazy<HashSet<string>> _roots;

    public OpenAiDialect() => _roots = new(() =>
        FreeEndpoints.Concat(Apis.SelectMany(static api => api.Endpoints))
            .Where(static line => line.Contains(" /v1/", StringComparison.Ordinal)).Select(static line => line.Split('/')[2])
            .ToHashSet(StringComparer.Ordinal));

    public override string Name => "openai";

    public override string ClientPath => "/v1";

    public override string Version => "/v1";

    public override bool IsOpenAi => true;

    public override IReadOnlyList<WireApi> Apis { get; } =
        [
            ChatCompletionsApi.Instance, CompletionsApi.Instance, ResponsesApi.Instance, EmbeddingsApi.Instance,
            ModerationsApi.Instance, ImagesApi.Instance, SpeechApi.Instance,
        ];

    protected override IReadOnlyList<string> FreeEndpoints { get; } = ["GET /v1/models", "GET /v1/models/{model}"];

    /// <summary>Some SDKs add the version to their base URL, some expect it there: it may be missing or there twice.</summary>
    public override ApiPath Normalise(string path)
    {
        while (ApiPath.Below(Version, path) is { } rest && ApiPath.Below(Version, rest) is not null) path = rest;
        return new ApiPath(path is ['/', .. var below] && _roots.Value.Contains(below.Split('/', 2)[0]) ? Version + path : path);
    }

    public override void Authorize(HttpRequestMessage request, string key, bool isByok) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);

    public override string AllowedQuery(HttpRequest request) => QueryKey.Pick(request, PassingParameters);

    protected override ProviderEndpoint? FindFreeEndpoint(string method, string path) =>
        method is "GET" or "HEAD" && (path == "/v1/models" || OneModel().IsMatch(path)) ? ProviderEndpoint.ModelList : null;

    /// <summary>The slash of a model's name may be encoded.</summary>
    [GeneratedRegex(@"^/v1/models/(?:[A-Za-z0-9._:@/-]|%2[Ff]){1,200}\z", RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex OneModel();
}
