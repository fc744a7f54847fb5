using System.Text.Json.Nodes;

namespace AiPipe.Proxy.Compatibility.Apisix;

internal enum ApisixKind
{
    Text,
    Whole,
    Number,
    Truth,
    /// <summary>1 = yes, 0 = no.</summary>
    Status,
    Texts,
    TextsByName,
    /// <summary>Weights by <c>host:port</c>, or a list of nodes.</summary>
    Nodes,
    /// <summary>Read-only: accepted from clients that send back what they read.</summary>
    Stamp,
}

/// <summary>An attribute of an APISIX route and our setting for it.</summary>
/// <param name="Name">Its path in the route's JSON.</param>
/// <param name="Setting">Its path in our document.</param>
/// <param name="Default">Shown if the setting is missing; <c>null</c> = nothing.</param>
internal sealed record ApisixAttribute(string Name, string Setting, ApisixKind Kind, JsonValue? Default = null)
{
    private const string Plugin = "plugins.ai-proxy";

    /// <summary>
    /// All supported attributes (https://apisix.apache.org/docs/apisix/plugins/ai-proxy/ and the route object of the Admin API). Their
    /// bounds are those of <see cref="Routing.RouteReader"/>.
    /// </summary>
    public static readonly IReadOnlyList<ApisixAttribute> All =
    [
        new("uri", "Path", ApisixKind.Text),
        new("uris", "Paths", ApisixKind.Texts),
        new("name", "Name", ApisixKind.Text),
        new("desc", "Description", ApisixKind.Text),
        new("methods", "Methods", ApisixKind.Texts),
        new("priority", "Priority", ApisixKind.Whole, JsonValue.Create(0)),
        new("status", "Enabled", ApisixKind.Status, JsonValue.Create(1)),
        new("create_time", "CreatedAt", ApisixKind.Stamp),
        new("update_time", "UpdatedAt", ApisixKind.Stamp),
        new($"{Plugin}.auth.header", "Targets:0:Header", ApisixKind.TextsByName),
        new($"{Plugin}.auth.query", "Targets:0:Query", ApisixKind.TextsByName),
        new($"{Plugin}.model.provider", "Targets:0:Provider", ApisixKind.Text),
        new($"{Plugin}.model.name", "Targets:0:Model", ApisixKind.Text),
        new($"{Plugin}.model.options.max_tokens", "Options:max_tokens", ApisixKind.Whole, JsonValue.Create(256)),
        new($"{Plugin}.model.options.input_cost", "Options:input_cost", ApisixKind.Number),
        new($"{Plugin}.model.options.output_cost", "Options:output_cost", ApisixKind.Number),
        new($"{Plugin}.model.options.temperature", "Options:temperature", ApisixKind.Number),
        new($"{Plugin}.model.options.top_p", "Options:top_p", ApisixKind.Number),
        new($"{Plugin}.model.options.stream", "Options:stream", ApisixKind.Truth, JsonValue.Create(false)),
        new($"{Plugin}.model.override.endpoint", "Targets:0:Endpoint", ApisixKind.Text),
        // Where APISIX itself reads it, despite its documentation.
        new($"{Plugin}.override.endpoint", "Targets:0:Endpoint", ApisixKind.Text),
        new($"{Plugin}.passthrough", "Passthrough", ApisixKind.Truth, JsonValue.Create(false)),
        new($"{Plugin}.timeout", "Timeout", ApisixKind.Whole, JsonValue.Create(3000)),
        new($"{Plugin}.keepalive", "Keepalive", ApisixKind.Truth, JsonValue.Create(true)),
        new($"{Plugin}.keepalive_timeout", "KeepaliveTimeout", ApisixKind.Whole, JsonValue.Create(60_000)),
        new($"{Plugin}.keepalive_pool", "KeepalivePool", ApisixKind.Whole, JsonValue.Create(30)),
        new($"{Plugin}.ssl_verify", "SslVerify", ApisixKind.Truth, JsonValue.Create(true)),
        // Our extension: the shared budget of callers without a token.
        new($"{Plugin}.anonymous.limit", "Anonymous:Limit", ApisixKind.Number),
        new($"{Plugin}.anonymous.days", "Anonymous:Days", ApisixKind.Whole),
        new($"{Plugin}.anonymous.period", "Anonymous:Period", ApisixKind.Text),
        new("upstream.type", "Upstream:Type", ApisixKind.Text),
        new("upstream.nodes", "Upstream:Nodes", ApisixKind.Nodes),
        new("upstream.scheme", "Upstream:Scheme", ApisixKind.Text),
        new("upstream.pass_host", "Upstream:PassHost", ApisixKind.Text),
        new("upstream.upstream_host", "Upstream:Host", ApisixKind.Text),
    ];

    public static readonly IReadOnlyList<string> Required =
        ["plugins", Plugin, $"{Plugin}.auth", $"{Plugin}.model", $"{Plugin}.model.provider", $"{Plugin}.model.name"];

    private static readonly Dictionary<string,
        ApisixAttribute> ByName = All.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);

    public static ApisixAttribute? Find(string name) => ByName.GetValueOrDefault(name);

    public static IEnumerable<string> NamesIn(string parent) => All
        .Where(attribute => parent.Length == 0 || attribute.Name.StartsWith(parent + ".", StringComparison.Ordinal))
        .Select(attribute => attribute.Name[(parent.Length == 0 ? 0 : parent.Length + 1)..].Split('.')[0])
        .Distinct(StringComparer.Ordinal);

    /// <summary>Translates an error of the settings reader into the names of an APISIX route.</summary>
    public static string Told(string problem, string id)
    {
        var route = $"{Routing.RouteReader.Section}:{id}";
        if (!problem.StartsWith(route, StringComparison.OrdinalIgnoreCase) || problem.Length == route.Length) return problem;
        if (problem[route.Length] != ':') return $"The route {problem[(route.Length + 1)..]}";
        var setting = problem[(route.Length + 1)..];
        var attribute = All.Where(known => setting.StartsWith(known.Setting, StringComparison.OrdinalIgnoreCase)
                && (setting.Length == known.Setting.Length || setting[known.Setting.Length] is ' ' or ':'))
            .MaxBy(known => known.Setting.Length);
        if (attribute is null) return setting;
        var rest = setting[attribute.Setting.Length..];
        var mend = rest.IndexOf(' ', StringComparison.Ordinal);
        // The rest of the path: a header's name or a list index.
        return $"{attribute.Name}{rest[..mend].Replace(':', '.')}: {rest[(mend + 1)..]}";
    }
}
