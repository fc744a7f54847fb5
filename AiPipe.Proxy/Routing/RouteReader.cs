using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Routing;

/// <summary>Reads section <c>AiPipe:Routes</c>: a list, or a group by id. Errors are one line that names the setting.</summary>
internal static class RouteReader
{
    public const string Section = "AiPipe:Routes";

    private const int MaxNameLength = 100;
    private const int MaxDescriptionLength = 256;

    private static readonly string[] Verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PURGE"];

    /// <exception cref="OptionsValidationException">The message names the invalid setting and its fix.</exception>
    public static IReadOnlyList<ModelRoute> Read(IConfiguration configuration, IReadOnlyList<Provider> providers)
    {
        var section = configuration.GetSection(Section);
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a list of routes: [ { \"Path\": \"/chat\", \"Targets\": [ … ] } ]");
        return [.. section.GetChildren()
            .Select(child => Checked(ReadOne(child), child, providers)), .. AliasReader.Read(configuration, providers)];
    }

    /// <summary>Reads one route without checking its providers.</summary>
    public static ModelRoute ReadOne(IConfigurationSection section)
    {
        if (!RoutePath.IsId(section.Key)) throw section.WrongName(
            "has no usable id: 1 to 64 letters, digits, dots, dashes and underscores");
        var written = new RouteSettings();
        section.ReadInto(written);
        section.GetSection("Name").RefuseLongerThan(MaxNameLength);
        section.GetSection("Description").RefuseLongerThan(MaxDescriptionLength);
        return new ModelRoute
        {
            Id = section.Key,
            Paths = PathsOf(section, written),
            Methods = MethodsOf(section, written),
            Priority = written.Priority,
            UpdatedAt = written.UpdatedAt,
            IsEnabled = written.Enabled,
            Targets = TargetReader.Read(written.Targets, [.. written.Targets.GetChildren()], target => TargetOf(target, written)),
            Anonymous = written.Anonymous.GetChildren()
                .Any() || written.Anonymous.Value is not null ? BudgetReader.Read(written.Anonymous) : null,
            Upstream = RouteUpstreamReader.Read(written.Upstream, isNeeded: written.Passthrough) is { } upstream && written.Passthrough
                ? upstream : null,
        }.WithChoice(section, written);
    }

    private static ModelRoute Checked(ModelRoute route, IConfigurationSection section, IReadOnlyList<Provider> providers)
    {
        TargetReader.CheckProviders(section.GetSection(nameof(RouteSettings.Targets)).GetChildren(), providers);
        return route;
    }

    private static List<string> PathsOf(IConfigurationSection section, RouteSettings written)
    {
        var (one, several) = (section.GetSection("Path"), section.GetSection("Paths"));
        if (written.Path is { Length: > 0 } && written.Paths.Count > 0) throw several.Wrong(
            "cannot be given together with Path: keep one of them");
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

    private static RouteTarget TargetOf(IConfigurationSection section, RouteSettings route)
    {
        var written = new RouteTargetSettings();
        section.ReadInto(written);
        TargetReader.Check(section, written);
        var options = new TargetOptions();
        route.Options.ReadInto(options);
        written.Options.ReadInto(options);
        var (endpoint, endpointQuery) = RouteAccess.Endpoint(section.GetSection("Endpoint"));
        return new RouteTarget
        {
            Key = "",
            Provider = written.Provider!.ToLowerInvariant(),
            Model = written.Model!,
            Weight = written.Weight,
            Priority = written.Priority,
            Options = options,
            Endpoint = endpoint,
            EndpointQuery = endpointQuery,
            Headers = RouteAccess.Pairs(written.Header, areHeaders: true),
            Query = RouteAccess.Pairs(written.Query, areHeaders: false),
            Timeout = TimeSpan.FromMilliseconds(route.Timeout),
            Connection = new RouteConnection(
                route.Keepalive, TimeSpan.FromMilliseconds(route.KeepaliveTimeout), route.KeepalivePool, route.SslVerify),
        };
    }
}
