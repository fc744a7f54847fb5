using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Pipeline;

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
        if (provider.Dialect.FindEndpoint(call.Method, call.Path) is not { } endpoint)
            return Refusal.EndpointNotMetered($"{call.Http.Request.Method} {call.Path}", provider.Dialect.Endpoints);
        call.Endpoint = endpoint;
        return null;
    }

    /// <summary>Refuses callers without a BYOK key if the provider has no configured key.</summary>
    public static Refusal? RefuseKeyless(CallContext call)
    {
        var provider = call.Provider;
        if (provider.Credentials.Count > 0 || call.Caller is Caller.Byok || call.Routed is { Target.HasOwnAccess: true }) return null;
        return Refusal.ProviderNotConfigured(provider.Name, provider.KeyVariable is { } variable
            ? $"The administrator sets {variable} or AiPipe:Providers:{provider.Name}:Keys."
            : $"The administrator sets AiPipe:Providers:{provider.Name}:Keys.");
    }

    /// <summary>Kestrel keeps <c>..</c> before <c>%2f</c> in an absolute URI, and a provider would leave the allowed paths.</summary>
    private static bool HasDotSegments(string path) =>
        path.AsSpan().ContainsAny('.', '%')
        && path.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase).Replace("%2f", "/", StringComparison.OrdinalIgnoreCase)
            .Split('/', '\\').Any(segment => segment is "." or "..");
}
