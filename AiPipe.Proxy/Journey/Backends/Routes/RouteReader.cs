using AiPipe.Proxy.Edge;
using AiPipe.Proxy.Journey.Budgets;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Journey.Backends.Routes;

/// <summary>Reads section <c>AiPipe:Routes</c>: a list, or a group by id. Whatever is wrong is one line that names the setting.</summary>
internal static class RouteReader
{
    public const string Section = "AiPipe:Routes";

    private const int MaxNameLength = 100;
    private const int MaxDescriptionLength = 256;
    private const int MaxModelLength = 200;

    private static readonly string[] Verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PURGE"];

    /// <summary>All routes of this instance.</summary>
    /// <exception cref="OptionsValidationException">One line that names the wrong key and its mend.</exception>
    public static IReadOnlyList<ModelRoute> Read(IConfiguration configuration, IReadOnlyList<Provider> providers)
    {
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a list of routes: [ { \"Path\": \"/chat\", \"Targets\": [ … ] } ]");
        return [.. section.GetChildren().Select(child => Checked(ReadOne(child), child, providers))];
    }

    /// <summary>One route, whatever providers there are.</summary>
    /// <exception cref="OptionsValidationException">One line that names the wrong key and its mend.</exception>
    public static ModelRoute ReadOne(IConfigurationSection section)
    {
        if (!RoutePath.IsId(section.Key)) throw section.Wrong("has no usable id: 1 to 64 letters, digits, dots, dashes and underscores");
        var written = new RouteSettings();
        section.ReadInto(written);
        Bound(section.GetSection("Name"), MaxNameLength);
        Bound(section.GetSection("Description"), MaxDescriptionLength);
        return new ModelRoute
        {
            Id = section.Key,
            Paths = PathsOf(section, written),
            Methods = MethodsOf(section, written),
            Priority = written.Priority,
            UpdatedAt = written.UpdatedAt,
            IsEnabled = written.Enabled,
            Targets = TargetsOf(written),
            Anonymous = written.Anonymous.GetChildren().Any() || written.Anonymous.Value is not null ? BudgetReader.Read(written.Anonymous) : null,
            Upstream = RouteUpstreamReader.Read(written.Upstream, isNeeded: written.Passthrough) is { } upstream && written.Passthrough ? upstream : null,
        };
    }

    private static ModelRoute Checked(ModelRoute route, IConfigurationSection section, IReadOnlyList<Provider> providers)
    {
        for (var i = 0; i < route.Targets.Count; i++)
        {
            var name = section.GetSection("Targets").GetChildren().ElementAt(i).GetSection("Provider");
            var provider = providers.FirstOrDefault(known => known.Name.Equals(name.Value, StringComparison.OrdinalIgnoreCase));
            // The demo goes when the first key comes, and no route should stand in that key's way.
            if (provider is null && route.Targets[i].Provider != KnownProviders.Demo)
                throw name.Wrong($"is no provider: use one of {string.Join(", ", providers.Where(known => known.Dialect == Dialect.OpenAi).Select(known => known.Name))}");
            if (provider is { Dialect: not Dialect.OpenAi }) throw name.Wrong("speaks another language than routes do: use a provider of OpenAI's dialect");
        }
        return route;
    }

    private static List<string> PathsOf(IConfigurationSection section, RouteSettings written)
    {
        var (one, several) = (section.GetSection("Path"), section.GetSection("Paths"));
        if (written.Path is { Length: > 0 } && written.Paths.Count > 0) throw several.Wrong("stands beside Path: keep one of them");
        if (written.Path is { Length: > 0 } path) return [RoutePath.WrongWith(path) is { } wrong ? throw one.Wrong(wrong) : path];
        if (written.Paths.Count == 0) throw one.Wrong("is missing: give the path, such as /chat");
        foreach (var entry in several.GetChildren())
            if (RoutePath.WrongWith(entry.Value!) is { } wrong) throw entry.Wrong(wrong);
        return [.. written.Paths];
    }

    private static List<string> MethodsOf(IConfigurationSection section, RouteSettings written)
    {
        foreach (var entry in section.GetSection("Methods").GetChildren())
            if (!Verbs.Contains(entry.Value, StringComparer.Ordinal)) throw entry.Wrong($"must be one of {string.Join(", ", Verbs)}");
        return [.. written.Methods];
    }

    private static List<RouteTarget> TargetsOf(RouteSettings route)
    {
        var sections = route.Targets.GetChildren().ToList();
        if (sections.Count != 1) throw route.Targets.Wrong("must have one target: [ { \"Provider\": \"openai\", \"Model\": \"gpt-4o-mini\" } ]");
        return sections.ConvertAll(section => TargetOf(section, route));
    }

    private static RouteTarget TargetOf(IConfigurationSection section, RouteSettings route)
    {
        var written = new RouteTargetSettings();
        section.ReadInto(written);
        if (string.IsNullOrWhiteSpace(written.Provider)) throw section.GetSection("Provider").Wrong("is missing: name a provider, such as openai");
        if (string.IsNullOrWhiteSpace(written.Model)) throw section.GetSection("Model").Wrong("is missing: name a model, such as gpt-4o-mini");
        Bound(section.GetSection("Model"), MaxModelLength);
        var options = new TargetOptions();
        route.Options.ReadInto(options);
        written.Options.ReadInto(options);
        return new RouteTarget
        {
            Provider = written.Provider.ToLowerInvariant(),
            Model = written.Model,
            Options = options,
            Endpoint = RouteAccess.Endpoint(section.GetSection("Endpoint")),
            Headers = RouteAccess.Pairs(written.Header, areHeaders: true),
            Query = RouteAccess.Pairs(written.Query, areHeaders: false),
            Timeout = TimeSpan.FromMilliseconds(route.Timeout),
            Connection = new RouteConnection(route.Keepalive, TimeSpan.FromMilliseconds(route.KeepaliveTimeout), route.KeepalivePool, route.SslVerify),
        };
    }

    private static void Bound(IConfigurationSection text, int most)
    {
        if (text.Value is not { } value) return;
        if (value.Length > most || value.Any(char.IsControl)) throw text.Wrong($"must be a text of at most {most} characters in one line");
    }
}
