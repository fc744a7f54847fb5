using Yarp.ReverseProxy.Transforms;

namespace AiPipe.Proxy.Edge;

/// <summary>
/// Passes pages on to a Portal in a process of its own, so that they have the API's origin. Where the Portal is: <c>Portal:Address</c>, or
/// what the cluster names. In one process with it there is neither, and nothing to pass on.
/// </summary>
internal static class PortalForwarding
{
    /// <summary>What is the Portal's; its files lie at the root, as the original's <c>/aipipe.js</c> does.</summary>
    private static readonly string[] Pages =
    [
        "/", "/login", "/login/consent", "/logout", "/playground", "/account/{**page}", "/console/{**page}", @"/{file:regex(^[a-z]+\.(js|css|svg)$)}",
    ];

    /// <summary>Where a Portal in a process of its own is; nothing where this process serves its pages.</summary>
    public static string? PortalAddress(this IConfiguration configuration) =>
        configuration["Portal:Address"] ?? configuration["services:portal:http:0"] ?? configuration["services:portal:https:0"];

    public static IEndpointRouteBuilder MapPortalForwarding(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetRequiredService<IConfiguration>().PortalAddress() is not { Length: > 0 } portal) return routes;
        foreach (var page in Pages)
        {
            routes.MapForwarder(page, portal, static transform => transform.AddOriginalHost().AddXForwarded(ForwardedTransformActions.Set));
        }
        return routes;
    }
}
