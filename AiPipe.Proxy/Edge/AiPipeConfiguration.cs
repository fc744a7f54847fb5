using Microsoft.Extensions.Configuration.Json;

namespace AiPipe.Proxy.Edge;

/// <summary>Where configuration comes from, the later over the earlier: our defaults, appsettings, <c>AIPIPE_CONFIG</c>, environment, command line.</summary>
internal static class AiPipeConfiguration
{
    /// <summary>Adds the sources that ASP.NET does not add itself.</summary>
    /// <exception cref="FileNotFoundException"><c>AIPIPE_CONFIG</c> names a file that is not there.</exception>
    public static WebApplicationBuilder AddAiPipeConfiguration(this WebApplicationBuilder builder)
    {
        IList<IConfigurationSource> sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        sources.Insert(0, FileAt(Path.Combine(AppContext.BaseDirectory, "appsettings.json")));
        if (builder.Configuration["AIPIPE_CONFIG"] is not { Length: > 0 } path) return builder;

        path = Path.GetFullPath(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"AIPIPE_CONFIG names {path}, which does not exist: correct the path or unset it.");
        var lastFile = sources.Select((source, index) => source is JsonConfigurationSource ? index : 0).Max();
        sources.Insert(lastFile + 1, FileAt(path));
        return builder;
    }

    private static JsonConfigurationSource FileAt(string path)
    {
        var source = new JsonConfigurationSource { Path = path, ReloadOnChange = false };
        source.ResolveFileProvider();
        return source;
    }
}
