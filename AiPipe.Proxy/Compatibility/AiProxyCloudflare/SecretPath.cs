using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>What was taken out of a request's path before anything else saw it.</summary>
/// <param name="IsRight">The path began with the access token.</param>
/// <param name="First">What it began with instead.</param>
/// <param name="Rest">For <c>addkey</c>: the host and its key, as they stood in the path.</param>
internal sealed record SecretPath(bool IsRight, string First, string Rest)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(SecretPath);
}

/// <summary>
/// Takes the access token, and a provider's key behind <c>addkey</c>, out of paths. What is left, <c>/ACCESS_TOKEN/register/janlay</c>, is what
/// all that comes later sees: routes, logs and their scopes, spans, errors. Words that are not the token go, too, where they stand in its
/// place: most of them are the token with a slip.
/// </summary>
internal sealed class SecretPaths(AccessToken token, ProviderCatalog providers, RouteTable routes)
{
    public const string AddKey = "addkey";

    private const string Beginning = "/" + AccessToken.Name;
    private const string Separators = "/\\";
    private static readonly string[] Actions = ["register", "reset", "delete", AddKey];

    /// <summary>Paths are cut in so many parts at most to look for the token where it should not be.</summary>
    private const int MostParts = 16;

    public void Clean(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { } request) return;
        var path = request.Path.AsSpan().TrimStart('/');
        var first = PartOf(path, out var rest);
        if (first.IsEmpty) return;
        // Calls and our own endpoints: their paths hold nothing, and most requests are these. But a script's base address may end in /openai/v1.
        if (first is Destination.Version || providers.Has(first) || ProviderConfiguration.IsTaken(first))
        {
            if (token.IsSet && HasAction(rest) && HoldsToken(rest)) Replace(request, features, isRight: false, AccessToken.Name, rest: "");
            return;
        }

        if (token.Is(first)) Replace(request, features, isRight: true, AccessToken.Name, rest);
        else if (routes.TryFind(request.Method, request.Path, out _)) return;
        else if (IsAction(rest)) Replace(request, features, isRight: false, first.ToString(), rest);
        else if (token.IsSet && HoldsToken(path)) Replace(request, features, isRight: false, AccessToken.Name, rest: "");
    }

    private static void Replace(IHttpRequestFeature request, IFeatureCollection features, bool isRight, string first, ReadOnlySpan<char> rest)
    {
        var below = rest.ToString();
        var isKey = PartOf(rest, out var secret).Equals(AddKey, StringComparison.OrdinalIgnoreCase);
        features.Set(new SecretPath(isRight, first, isKey ? secret.ToString() : ""));
        request.Path = isKey ? $"{Beginning}/{AddKey}" : below.Length == 0 ? Beginning : $"{Beginning}/{below}";
        request.RawTarget = request.Path + request.QueryString;
    }

    /// <summary>An action stands behind the first or the second part.</summary>
    private static bool HasAction(ReadOnlySpan<char> path)
    {
        PartOf(path, out var below);
        if (IsAction(below)) return true;
        PartOf(below, out below);
        return IsAction(below);
    }

    /// <summary>Something follows the action: a page may be called like one.</summary>
    private static bool IsAction(ReadOnlySpan<char> path)
    {
        var action = PartOf(path, out var rest);
        if (rest.IsEmpty) return false;
        foreach (var known in Actions)
            if (action.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Behind a second slash, behind a prefix, or with its slashes encoded: it opens nothing there, but must not be told either.</summary>
    private bool HoldsToken(ReadOnlySpan<char> path)
    {
        var plain = path.ToString().Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace("%5C", "/", StringComparison.OrdinalIgnoreCase).AsSpan();
        Span<Range> parts = stackalloc Range[MostParts];
        foreach (var part in parts[..plain.SplitAny(parts, Separators)])
            if (token.Is(plain[part])) return true;
        return false;
    }

    /// <summary>The first part of a path, and what follows its slash.</summary>
    private static ReadOnlySpan<char> PartOf(ReadOnlySpan<char> path, out ReadOnlySpan<char> rest)
    {
        var slash = path.IndexOf('/');
        rest = slash < 0 ? [] : path[(slash + 1)..];
        return slash < 0 ? path : path[..slash];
    }
}
