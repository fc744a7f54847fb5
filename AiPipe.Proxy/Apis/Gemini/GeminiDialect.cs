using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>https://ai.google.dev/api</summary>
internal sealed partial class GeminiDialect : Dialect
{
    private const int MatchTimeoutMilliseconds = 100;

    private static readonly ProviderEndpoint CountTokens = new(Api: null, "count_tokens");

    /// <summary>https://ai.google.dev/gemini-api/docs/models; Google's price list includes models of Vertex AI.</summary>
    private static readonly string[] Families = ["gemini-", "gemma-", "embedding-", "text-embedding-"];

    private static readonly string[] PassingParameters = ["alt", "pageSize", "pageToken"];

    public override string Name => "gemini";

    public override string ClientPath => "";

    public override IReadOnlyList<WireApi> Apis { get; } = [GeminiGenerateApi.Instance, GeminiEmbedApi.Instance];

    /// <summary>The address has the version; clients may choose another one.</summary>
    public override string Version => "";

    public override ErrorFormat Errors { get; } = new GeminiErrorFormat();

    public override bool TakesKeyInQuery => true;

    protected override IReadOnlyList<string> FreeEndpoints { get; } =
        ["GET /models", "GET /models/{model}", "POST /models/{model}:countTokens"];

    /// <summary>Google's own keys go into Google's header; BYOK callers may also send an OAuth token.</summary>
    public override void Authorize(HttpRequestMessage request, string key, bool isByok)
    {
        if (isByok && !key.StartsWith("AIza", StringComparison.Ordinal))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        else
            request.Headers.TryAddWithoutValidation("x-goog-api-key", key);
    }

    /// <summary>
    /// Only parameters that keep the usage report: Google's system parameters can drop fields from a response or change its format
    /// (https://cloud.google.com/apis/docs/system-parameters).
    /// </summary>
    public override string AllowedQuery(HttpRequest request)
    {
        if (!request.QueryString.HasValue) return "";
        var passing = new QueryBuilder();
        foreach (var name in PassingParameters)
        {
            if (request.Query[name] is [{ } value] && (name != "alt" || value is "sse" or "json")) passing.Add(name, value);
        }
        return passing.ToQueryString().ToUriComponent();
    }

    public override bool Serves(string model) =>
        Array.Exists(Families, family => model.StartsWith(family, StringComparison.OrdinalIgnoreCase));

    protected override ProviderEndpoint? FindFreeEndpoint(string method, string path) =>
        (method, ParsePath(path)) switch
        {
            ("GET" or "HEAD", { Verb: "" }) => ProviderEndpoint.ModelList,
            ("POST", { Model.Length: > 0, Verb: "countTokens" }) => CountTokens,
            _ => null,
        };

    /// <summary>Google's SDKs send the version, and some encode the slash of <c>models/gemini-2.5-flash</c>.</summary>
    public override ApiPath Normalise(string path)
    {
        path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        string? version = null;
        while (VersionPath().Match(path) is { Success: true } match)
            (version, path) = (match.Groups["version"].Value, match.Groups["rest"].Value);
        while (path.StartsWith("/models/models/", StringComparison.Ordinal)) path = path["/models".Length..];
        return new ApiPath(path, version);
    }

    /// <summary>The parts of <c>/models/{model}:{verb}</c>; each may be missing and is empty then.</summary>
    /// <returns><c>null</c> if the path has another form.</returns>
    public static (string Model, string Verb)? ParsePath(string path)
    {
        var match = ModelPath().Match(path);
        return match.Success ? (match.Groups["model"].Value, match.Groups["verb"].Value) : null;
    }

    [GeneratedRegex(@"^/(?<version>v1|v1beta|v1alpha)(?<rest>/.*)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline,
        MatchTimeoutMilliseconds)]
    private static partial Regex VersionPath();

    [GeneratedRegex(@"^/models(?:/(?<model>[A-Za-z0-9._-]{1,200})(?::(?<verb>[A-Za-z]{1,40}))?)?\z", RegexOptions.CultureInvariant,
        MatchTimeoutMilliseconds)]
    private static partial Regex ModelPath();
}
