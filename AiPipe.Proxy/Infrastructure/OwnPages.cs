using AiPipe.Portal;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Serves the Portal's pages here where the configuration names no Portal: a small server needs one process only.</summary>
internal static class OwnPages
{
    private const string KeysSetting = "Portal:Keys";

    public static void AddOwnPages(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.FindPortal() is not null) return;
        // Where an earlier version kept the keys of cookies, also without AIPIPE_DATA.
        if (string.IsNullOrEmpty(builder.Configuration[KeysSetting]) && DataFolder.Find(builder.Configuration) is { } folder)
            builder.Configuration[KeysSetting] = Path.Combine(folder, "keys");
        builder.AddPortal();
    }

    public static void MapOwnPages(this WebApplication app)
    {
        if (app.Configuration.FindPortal() is null) app.MapPortal();
    }
}
