using System.Globalization;
using System.Text.Json.Nodes;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Writes a route in APISIX's format, with its defaults and with masks or ids instead of secrets.</summary>
internal static class ApisixWriter
{
    /// <summary>Settings that the plugin cannot express.</summary>
    private static readonly string[] Beyond =
        ["Retries", "FallbackOn", "Sticky", "Targets:0:Weight", "Targets:0:Priority", "Targets:0:Options"];

    public static JsonObject Entry(string id, IConfigurationSection document)
    {
        var route = new JsonObject { ["id"] = id };
        foreach (var attribute in ApisixAttribute.All)
        {
            // Another name of the same setting.
            if (attribute.Name == "plugins.ai-proxy.override.endpoint") continue;
            if (ValueOf(attribute, document.GetSection(attribute.Setting)) is { } value) Put(route, attribute.Name, value);
        }
        // Required, even if empty.
        if (route["plugins"]!["ai-proxy"] is JsonObject plugin && plugin["auth"] is null) plugin["auth"] = new JsonObject();
        return new JsonObject { ["key"] = KeyOf(id), ["value"] = route };
    }

    /// <summary>True if APISIX's format expresses the whole route; otherwise sending it back would lose settings.</summary>
    public static bool IsWhole(IConfigurationSection document) =>
        document.GetSection("Targets").GetChildren().Skip(1).FirstOrDefault() is null
        && !Beyond.Any(name => document.GetSection(name) is var setting && (setting.Value is not null || setting.GetChildren().Any()));

    public static string KeyOf(string id) => $"/apisix/routes/{id}";

    private static JsonNode? ValueOf(ApisixAttribute attribute, IConfigurationSection setting)
    {
        var children = setting.GetChildren().ToList();
        switch (attribute.Kind)
        {
            case ApisixKind.Texts:
                return children.Count == 0 ? null : new JsonArray([.. children.Select(child => (JsonNode?)child.Value)]);
            case ApisixKind.TextsByName:
                return children.Count == 0
                    ? null : new JsonObject(children.Select(child =>
                        KeyValuePair.Create(child.Key, child.Value is { } text ? (JsonNode?)text : Reference(child))));
            case ApisixKind.Nodes:
                return children.Count == 0 ? null : NodesOf(children);
            case ApisixKind.Text when children.Count > 0:
                return Reference(setting);
        }
        if (setting.Value is not { Length: > 0 } text) return attribute.Default?.DeepClone();
        return attribute.Kind switch
        {
            ApisixKind.Whole or ApisixKind.Stamp => long.Parse(text, CultureInfo.InvariantCulture),
            ApisixKind.Number => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
            ApisixKind.Truth => bool.Parse(text),
            ApisixKind.Status => bool.Parse(text) ? 1 : 0,
            _ => text,
        };
    }

    /// <summary>A secret that is shown by its id.</summary>
    private static JsonObject Reference(IConfigurationSection secret) => new JsonObject { ["Id"] = secret["Id"] };

    private static JsonNode NodesOf(List<IConfigurationSection> nodes)
    {
        var read = nodes.ConvertAll(node => (Host: node["Host"] ?? "", Port: Number(node["Port"]), Weight: Number(node["Weight"]) ?? 1));
        if (read.DistinctBy(node => (node.Host, node.Port)).Count() == read.Count)
            return new JsonObject(
                read.Select(node =>
                KeyValuePair.Create(node.Port is { } port ? $"{node.Host}:{port}" : node.Host, (JsonNode?)node.Weight)));
        return new JsonArray([.. read.Select(node => (JsonNode?)(node.Port is { } port
            ? new JsonObject { ["host"] = node.Host, ["port"] = port, ["weight"] = node.Weight }
            : new JsonObject { ["host"] = node.Host, ["weight"] = node.Weight }))]);
    }

    private static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);

    private static void Put(JsonObject route, string name, JsonNode value)
    {
        var parent = route;
        var steps = name.Split('.');
        foreach (var step in steps[..^1])
        {
            if (parent[step] is not JsonObject child) parent[step] = child = [];
            parent = child;
        }
        parent[steps[^1]] = value;
    }
}
