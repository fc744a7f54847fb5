using AiPipe.Portal.Gateway;
using AiPipe.Portal.Pages;
using AiPipe.Portal.SignIn;
using AiPipe.Portal.SignIn.CookieKeys;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal;

/// <summary>Adds the Portal to a host: its own process or the gateway's.</summary>
public static class PortalExtensions
{
    public static void AddPortal(this IHostApplicationBuilder builder)
    {
        builder.AddCookieKeys();
        builder.Services.AddPortalCookie().AddHttpContextAccessor().AddSingleton<GatewayAddress>().AddScoped<CurrentPerson>();
        builder.Services.AddHttpClient<GatewayClient>().ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = false,
        }).AddServiceClientDefaults();
        builder.Services.AddRazorPages(static pages =>
            {
                pages.Conventions.AuthorizeFolder("/", PortalCookie.Anyone)
                    .AuthorizeFolder("/Account", PortalCookie.Person)
                    .AuthorizeFolder("/Console", PortalCookie.Person)
                    .AuthorizeFolder("/Playground", PortalCookie.Person);
            })
            .AddMvcOptions(static mvc =>
            {
                mvc.Filters.Add<PageHeaders>();
                mvc.Filters.Add<GatewayExceptionFilter>();
            })
            .AddApplicationPart(typeof(PortalExtensions).Assembly);
        builder.Services.Configure<RouteOptions>(static routes => routes.LowercaseUrls = true);
        builder.Services.Configure<CookieTempDataProviderOptions>(static options =>
        {
            options.Cookie.Name = "aipipe.done";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }

    public static void MapPortal(this IEndpointRouteBuilder app)
    {
        app.MapAssets();
        app.MapRazorPages();
    }
}
