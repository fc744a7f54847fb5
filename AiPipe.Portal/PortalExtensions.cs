namespace AiPipe.Portal;

/// <summary>The Portal as a part of any host: a process of its own, or the gateway's when standalone.</summary>
public static class PortalExtensions
{
    /// <summary>Adds the pages' services.</summary>
    public static void AddPortal(this IHostApplicationBuilder builder) =>
        builder.Services.AddRazorPages()
            .AddMvcOptions(mvc => mvc.Filters.Add<PageHeaders>())
            .AddApplicationPart(typeof(PortalExtensions).Assembly);

    /// <summary>Maps the pages and their assets.</summary>
    public static void MapPortal(this IEndpointRouteBuilder app)
    {
        app.MapAssets();
        app.MapRazorPages();
    }
}
