using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>A node of an upstream, in APISIX's two formats.</summary>
internal static class ApisixNode
{
    /// <summary><c>"host:port": weight</c>.</summary>
    public static JsonObject Parse(string path, string address, JsonElement weight)
    {
        var (host, port) = (address, "");
        // The colons of an IPv6 address are in brackets.
        if (address.LastIndexOf(':') is > 0 and var colon && !address.EndsWith(']')) (host, port) =
            (address[..colon], address[(colon + 1)..]);
        var node = new JsonObject { ["Host"] = host, ["Weight"] = Whole($"{path}.{address}", weight) };
        if (port.Length > 0) node["Port"] = int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? port : throw ApisixReader.Wrong($"{path}.{address}", "has an invalid port");
        return node;
    }

    /// <summary><c>{ "host", "port", "weight" }</c>.</summary>
    public static JsonObject Parse(string path, JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Object) throw ApisixReader.Wrong(
            path, "must be a list of nodes: { \"host\", \"port\", \"weight\" }");
        var read = new JsonObject();
        foreach (var field in node.EnumerateObject())
        {
            var name = ApisixReader.TextOf(path, () => field.Name);
            (string Setting, string Value) = name switch
            {
                "host" when field.Value.ValueKind == JsonValueKind.String =>
                    ("Host", ApisixReader.TextOf($"{path}.host", field.Value.GetString)),
                "port" => ("Port", Whole($"{path}.port", field.Value)),
                "weight" => ("Weight", Whole($"{path}.weight", field.Value)),
                "host" => throw ApisixReader.Wrong($"{path}.host", "must be a text"),
                _ => throw ApisixReader.Wrong(path, "has a node with something else than host, port and weight"),
            };
            read[Setting] = Value;
        }
        return read;
    }

    private static string Whole(string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var whole)
        ? ApisixReader.Invariant(whole)
        : throw ApisixReader.Wrong(path, "must be a whole number");
}
