using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>
/// OpenAI's API at Azure: the key in a header of its own, and paths that name a deployment instead of a model
/// (https://learn.microsoft.com/azure/ai-foundry/openai/reference). Paths are those below <c>/openai</c>.
/// </summary>
internal sealed partial class AzureDialect : OpenAiDialect
{
    private const int MatchTimeoutMilliseconds = 100;

    public override string Name => "azure";

    protected override IReadOnlyList<string> FreeEndpoints { get; } =
        ["GET /v1/models", "GET /v1/models/{model}", "GET /models", "GET /models/{model}"];

    public override void Authorize(HttpRequestMessage request, string key, bool isByok) =>
        request.Headers.TryAddWithoutValidation("api-key", key);

    /// <summary>Azure's other paths have no version: it is a parameter of the query.</summary>
    public override ApiPath Normalise(string path) =>
        Deployment().IsMatch(path) || ApiPath.Below("/models", path) is not null ? new ApiPath(path) : base.Normalise(path);

    public override ProviderEndpoint? FindEndpoint(string method, string path)
    {
        if (Deployment().Match(path) is not { Success: true } deployment)
            return base.FindEndpoint(method, ApiPath.Below("/models", path) is null ? path : Version + path);
        return base.FindEndpoint(method, Version + deployment.Groups["rest"].Value) is { IsMetered: true } endpoint
            ? endpoint with { PathModel = deployment.Groups["name"].Value } : null;
    }

    /// <summary>The parameter that paths without a version require.</summary>
    public static bool RequiresVersion(string path) => ApiPath.Below("/v1", path) is null;

    [GeneratedRegex(@"^/deployments/(?<name>[A-Za-z0-9._-]{1,200})(?<rest>/.+)\z", RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex Deployment();
}
