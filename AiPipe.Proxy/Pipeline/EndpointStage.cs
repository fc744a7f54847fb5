using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Pipeline;

/// <summary>Finds the endpoint of a call, and refuses what is not metered or has no key.</summary>
internal static class EndpointStage
{
    /// <summary>The second stage of the pipeline: sets <see cref="CallContext.Endpoint"/>.</summary>
    public static Refusal? Resolve(CallContext call)
    {
        if (HasDotSegments(call.Path)) return Refusal.InvalidRequest("The path must not have segments of dots.");
        if (call.Caller is Caller.Byok)
        {
            call.Endpoint = ProviderEndpoint.Unchecked;
            return null;
        }
        var provider = call.Provider;
        if (MeteredEndpoints.Find(provider.Dialect, call.Method, call.Path) is not { } endpoint)
            return Refusal.EndpointNotMetered($"{call.Http.Request.Method} {call.Path}", MeteredEndpoints.Describe(provider.Dialect));
        call.Endpoint = endpoint;
        return null;
    }

    /// <summary>Refuses callers without a key of their own while the provider has none of ours.</summary>
    public static Refusal? RefuseKeyless(CallContext call)
    {
        var provider = call.Provider;
        if (provider.Credentials.Count > 0 || call.Caller is Caller.Byok || call.Routed is { Target.HasOwnAccess: true }) return null;
        return Refusal.ProviderNotConfigured(provider.Name, provider.KeyVariable is { } variable
            ? $"The administrator sets {variable} or AiPipe:Providers:{provider.Name}:Keys."
            : $"The administrator sets AiPipe:Providers:{provider.Name}:Keys.");
    }

    /// <summary>
    /// Kestrel removes <c>..</c> from most paths, but not from those of requests in absolute form that encode the slash as <c>%2f</c>. The
    /// provider would resolve it, past the list of endpoints and past its base path.
    /// </summary>
    private static bool HasDotSegments(string path) =>
        path.AsSpan().ContainsAny('.', '%')
        && path.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase).Split('/', '\\').Any(segment => segment is "." or "..");
}
