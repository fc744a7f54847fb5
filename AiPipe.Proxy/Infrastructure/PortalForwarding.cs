using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.ServiceDefaults;
using Yarp.ReverseProxy.Transforms;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Forwards pages to a separate Portal, found by <c>Portal:Address</c> or service discovery, for one origin.</summary>
internal static class PortalForwarding
{
    /// <summary>The Portal's paths; its files are at the root, as the original's <c>/aipipe.js</c>.</summary>
    private static readonly string[] Pages =
    [
        "/", "/login", "/login/consent", "/logout", "/playground", "/account/{**page}", "/console/{**page}",
            @"/{file:regex(^[a-z]+\.(js|css|svg)$)}",
    ];

    /// <summary>The addresses of a separate Portal; <c>null</c> if none is configured.</summary>
    /// <exception cref="InvalidOperationException">An address is malformed; the message names its setting.</exception>
    public static string? FindPortal(this IConfiguration configuration) => configuration.FindService("portal", "Portal:Address");

    public static WebApplicationBuilder AddPortalForwarding(this WebApplicationBuilder builder)
    {
        // For MapForwarder only: calls to providers have their own connections.
        builder.Services.AddHttpForwarderWithServiceDiscovery();
        return builder;
    }

    public static IEndpointRouteBuilder MapPortalForwarding(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetRequiredService<IConfiguration>().FindPortal() is not { } portal) return routes;
        foreach (var page in Pages)
        {
            routes.MapForwarder(page, portal, static transform => transform.AddOriginalHost().AddXForwarded(ForwardedTransformActions.Set))
                .Undocumented("A page of the Portal.");
        }
        return routes;
    }
}
