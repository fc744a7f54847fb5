using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary><c>/proxy/URL</c>: reads a public page for a web app that CORS would block.</summary>
internal static class FetchEndpoint
{
    public static IHostApplicationBuilder AddFetch(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSection<FetchOptions>("AiPipe:Fetch")
            .Validate(options => options.AllowedHosts.All(AllowedHosts.IsUsable),
                "AiPipe:Fetch:AllowedHosts has an entry that is not host:port: write it like intranet.example.com:80.");
        builder.Services.AddSingleton<PublicConnector>().AddSingleton<FetchClient>().AddSingleton<PublicFetch>();
        return builder;
    }

    public static IEndpointRouteBuilder MapFetch(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.Map(FetchTarget.Prefix + "{**url}", static (HttpContext http, PublicFetch fetch) => fetch.RunAsync(http))
            .Undocumented("Any method, and the response is that of the page that is fetched.");
        if (!routes.ServiceProvider.GetRequiredService<IOptions<FetchOptions>>().Value.Anonymous) endpoint.RequirePerson();
        return routes;
    }
}
