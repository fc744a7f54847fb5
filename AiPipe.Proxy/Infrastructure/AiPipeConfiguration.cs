using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>Configuration sources, last wins: defaults, appsettings, <c>AIPIPE_CONFIG</c>, environment, command line.</summary>
internal static class AiPipeConfiguration
{
    private const string Root = "AiPipe";

    internal static readonly string[] Sections =
        ["Budgets", "Teams", "RateLimits", "Salts", "Admins", "Roles", "AcceptOwnKeys", "AllowShortSecret", "Providers", "Access", "Prices",
            "Logins",
            "Forwarding", "Ledger", "Fetch", "Server", "Classes", "Routes", "Aliases", "Telemetry"];

    /// <summary>Adds the sources that ASP.NET does not add itself, and rejects unknown settings.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown.</exception>
    public static WebApplicationBuilder AddAiPipeConfiguration(this WebApplicationBuilder builder)
    {
        IList<IConfigurationSource> sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        sources.Insert(0, FileAt(Path.Combine(AppContext.BaseDirectory, "appsettings.json")));
        if (builder.Configuration["AIPIPE_CONFIG"] is { Length: > 0 } path) LayOver(sources, path);
        builder.Configuration.GetSection(Root).RefuseOthersThan(Sections);
        return builder;
    }

    private static void LayOver(IList<IConfigurationSource> sources, string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path)) throw new FileNotFoundException(
            $"AIPIPE_CONFIG names {path}, which does not exist: correct the path or unset it.");
        var lastFile = sources.Select((source, index) => source is JsonConfigurationSource ? index : 0).Max();
        sources.Insert(lastFile + 1, FileAt(path));
        var misplaced = new ConfigurationBuilder().Add(FileAt(path)).Build().GetChildren()
            .FirstOrDefault(child => Sections.Contains(child.Key, StringComparer.OrdinalIgnoreCase));
        if (misplaced is not null) throw misplaced.Wrong(
            $"stands beside \"{Root}\" in {path}: put it inside, {{ \"{Root}\": {{ \"{misplaced.Key}\": … }} }}");
    }

    private static JsonConfigurationSource FileAt(string path)
    {
        var source = new JsonConfigurationSource { Path = path, ReloadOnChange = false };
        source.ResolveFileProvider();
        return source;
    }
}
