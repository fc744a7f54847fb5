using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Compatibility.AiProxyCloudflare;

/// <summary>What was removed from a request's path.</summary>
/// <param name="Rest">For <c>addkey</c>: the host and its key.</param>
internal sealed record SecretPath(bool IsRight, string First, string Rest)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(SecretPath);
}

/// <summary>
/// Removes the access token, and a provider's key after <c>addkey</c>, from paths. Routes, logs, spans and errors see
/// <c>/ACCESS_TOKEN/register/janlay</c>. Other text in the token's place is removed, too, because it is often a mistyped token.
/// </summary>
internal sealed class SecretPaths(AccessToken token, ProviderCatalog providers, RouteTable routes)
{
    public const string AddKey = "addkey";

    private const string Beginning = "/" + AccessToken.Name;
    private const string Separators = "/\\";
    private static readonly string[] Actions = ["register", "reset", "delete", AddKey];

    /// <summary>The most segments that are searched for a misplaced token.</summary>
    private const int MostParts = 16;

    public void Clean(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { } request) return;
        var path = request.Path.AsSpan().TrimStart('/');
        var first = PartOf(path, out var rest);
        if (first.IsEmpty) return;
        // Most requests: calls and our own endpoints have no secrets in their paths. But a script's base address may end in /openai/v1.
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

    private static void Replace(
        IHttpRequestFeature request, IFeatureCollection features, bool isRight, string first, ReadOnlySpan<char> rest)
    {
        var below = rest.ToString();
        var isKey = PartOf(rest, out var secret).Equals(AddKey, StringComparison.OrdinalIgnoreCase);
        features.Set(new SecretPath(isRight, first, isKey ? secret.ToString() : ""));
        request.Path = isKey ? $"{Beginning}/{AddKey}" : below.Length == 0 ? Beginning : $"{Beginning}/{below}";
        request.RawTarget = request.Path + request.QueryString;
    }

    /// <summary>An action follows the first or the second segment.</summary>
    private static bool HasAction(ReadOnlySpan<char> path)
    {
        PartOf(path, out var below);
        if (IsAction(below)) return true;
        PartOf(below, out below);
        return IsAction(below);
    }

    /// <summary>The action has an argument: a page may have the same name.</summary>
    private static bool IsAction(ReadOnlySpan<char> path)
    {
        var action = PartOf(path, out var rest);
        if (rest.IsEmpty) return false;
        foreach (var known in Actions)
            if (action.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Misplaced or with encoded slashes, the token opens nothing, but it must not be logged.</summary>
    private bool HoldsToken(ReadOnlySpan<char> path)
    {
        var plain = path.ToString().Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)
            .Replace("%5C", "/", StringComparison.OrdinalIgnoreCase).AsSpan();
        Span<Range> parts = stackalloc Range[MostParts];
        foreach (var part in parts[..plain.SplitAny(parts, Separators)])
            if (token.Is(plain[part])) return true;
        return false;
    }

    private static ReadOnlySpan<char> PartOf(ReadOnlySpan<char> path, out ReadOnlySpan<char> rest)
    {
        var slash = path.IndexOf('/');
        rest = slash < 0 ? [] : path[(slash + 1)..];
        return slash < 0 ? path : path[..slash];
    }
}
