using AiPipe.Proxy.Infrastructure.OpenApi;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>What browsers and crawlers request at every site.</summary>
internal static class SiteFiles
{
    /// <summary>Everything but the start page needs a token.</summary>
    private const string Robots = "User-agent: *\nAllow: /$\nDisallow: /\n";

    public static IEndpointRouteBuilder MapSiteFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/robots.txt", static () => TypedResults.Text(Robots)).Undocumented("For crawlers.");
        routes.MapGet("/favicon.ico", static () => TypedResults.Redirect("/icon.svg")).Undocumented("For browsers.");
        // https://www.w3.org/TR/change-password-url
        routes.MapGet("/.well-known/change-password", static () => TypedResults.Redirect("/account"))
            .Undocumented("For password managers.");
        return routes;
    }
}
