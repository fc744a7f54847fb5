using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>Anthropic and compatible providers: https://platform.claude.com/docs/en/api/overview</summary>
internal sealed partial class AnthropicDialect : Dialect
{
    private const int MatchTimeoutMilliseconds = 100;

    private const string VersionHeader = "anthropic-version";

    /// <summary>https://platform.claude.com/docs/en/api/versioning</summary>
    private const string UsualVersion = "2023-06-01";

    private static readonly ProviderEndpoint CountTokens = new(Api: null, "count_tokens");

    /// <summary>The parameters of lists of models, and the mark that Anthropic's SDKs add to requests with beta features.</summary>
    private static readonly string[] PassingParameters = ["beta", "limit", "after_id", "before_id"];

    public override string Name => "anthropic";

    /// <summary>Empty: Anthropic's SDKs add the version themselves.</summary>
    public override string ClientPath => "";

    public override string Version => "/v1";

    public override IReadOnlyList<WireApi> Apis { get; } = [MessagesApi.Instance];

    public override ErrorFormat Errors { get; } = new AnthropicErrorFormat();

    protected override IReadOnlyList<string> FreeEndpoints { get; } =
        ["GET /v1/models", "GET /v1/models/{model}", "POST /v1/messages/count_tokens"];

    /// <summary>Keys go into Anthropic's own header; the OAuth tokens of its subscriptions are bearer tokens.</summary>
    public override void Authorize(HttpRequestMessage request, string key, bool isByok)
    {
        if (isByok && key.StartsWith("sk-ant-oat", StringComparison.Ordinal))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        else
            request.Headers.TryAddWithoutValidation("x-api-key", key);
        if (!request.Headers.Contains(VersionHeader)) request.Headers.Add(VersionHeader, UsualVersion);
    }

    public override string AllowedQuery(HttpRequest request) => QueryKey.Pick(request, PassingParameters);

    /// <summary>The version may be missing, or there twice if the base URL has it, too.</summary>
    public override ApiPath Normalise(string path)
    {
        while (ApiPath.Below(Version, path) is { } rest && ApiPath.Below(Version, rest) is not null) path = rest;
        return new ApiPath(path.StartsWith("/messages", StringComparison.Ordinal) || path.StartsWith("/models", StringComparison.Ordinal)
            ? Version + path : path);
    }

    protected override ProviderEndpoint? FindFreeEndpoint(string method, string path) => (method, path) switch
    {
        ("POST", "/v1/messages/count_tokens") => CountTokens,
        ("GET" or "HEAD", _) when path == "/v1/models" || OneModel().IsMatch(path) => ProviderEndpoint.ModelList,
        _ => null,
    };

    [GeneratedRegex(@"^/v1/models/[A-Za-z0-9._:@-]{1,200}\z", RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex OneModel();
}
