using AiPipe.Portal;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Serves the Portal's pages in this process if no separate Portal is configured.</summary>
internal static class OwnPages
{
    private const string KeysSetting = "Portal:Keys";

    public static void AddOwnPages(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.FindPortal() is not null) return;
        // An earlier version stored the cookie keys here, also without AIPIPE_DATA.
        if (string.IsNullOrEmpty(builder.Configuration[KeysSetting]) && DataFolder.Find(builder.Configuration) is { } folder)
            builder.Configuration[KeysSetting] = Path.Combine(folder, "keys");
        builder.AddPortal();
    }

    public static void MapOwnPages(this WebApplication app)
    {
        if (app.Configuration.FindPortal() is null) app.MapPortal();
    }
}
