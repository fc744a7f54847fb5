using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Converts an APISIX route into a settings document, or names the wrong attribute.</summary>
internal sealed class ApisixReader(bool acceptsReferences)
{
    /// <summary>Deeper than any valid route.</summary>
    public const int MaxDepth = 16;

    private const int MaxNodes = 64;
    private const int MaxTexts = 100;

    private readonly JsonObject _document = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <param name="json">The route.</param>
    /// <param name="id">The id of its path.</param>
    /// <param name="stored">The secrets that the route may name by their ids.</param>
    public static (JsonObject? Document, string? Problem) Read(JsonElement json, string id, StoredSecrets? stored = null)
    {
        try
        {
            if (json.ValueKind != JsonValueKind.Object) throw new FormatException("A route must be a JSON object.");
            var reader = new ApisixReader(stored is not null);
            reader.ReadObject(json, "", id);
            foreach (var required in ApisixAttribute.Required)
                if (!reader._seen.Contains(required)) throw Wrong(required, "is required");
            if (!reader._seen.Contains("uri") && !reader._seen.Contains("uris")) throw Wrong("uri", "is required, or uris");
            // Checks the bounds; references, such as providers, are checked with all settings.
            var document = SettingDocument.Read(RouteReader.Section, id, JsonElement.Parse(reader._document.ToJsonString()));
            RouteReader.ReadOne(stored is null ? document : stored.Resolve(document).Document);
            return (reader._document, null);
        }
        catch (Exception e) when (e is FormatException or OptionsValidationException)
        {
            return (null, ApisixAttribute.Told(e.Message, id));
        }
    }

    private void ReadObject(JsonElement json, string path, string id)
    {
        foreach (var field in json.EnumerateObject())
        {
            var name = TextOf(path, () => field.Name);
            var full = path.Length == 0 ? name : $"{path}.{name}";
            // Clients that send back what they read include the id.
            if (full == "id" && IsId(field.Value, id)) continue;
            var isKnown = ApisixAttribute.NamesIn(path).Contains(name, StringComparer.Ordinal);
            if (!isKnown) throw Wrong(Shown(full), $"is not known: use {string.Join(", ", ApisixAttribute.NamesIn(path))}");
            _seen.Add(full);
            if (ApisixAttribute.Find(full) is { } attribute) Set(attribute, field.Value);
            else if (field.Value.ValueKind == JsonValueKind.Object) ReadObject(field.Value, full, id);
            else throw Wrong(full, "must be an object");
        }
    }

    private void Set(ApisixAttribute attribute, JsonElement value)
    {
        JsonNode? setting = attribute.Kind switch
        {
            ApisixKind.Text when value.ValueKind == JsonValueKind.String => TextOf(attribute.Name, value.GetString),
            ApisixKind.Text when attribute.Setting == "Targets:0:Endpoint" && IsReference(value) => JsonObject.Create(value),
            ApisixKind.Whole when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) => Invariant(whole),
            ApisixKind.Number when value.ValueKind == JsonValueKind.Number =>
                value.TryGetDecimal(out var number)
                ? Invariant(number) : throw Wrong(attribute.Name, "is not a number in range"),
            ApisixKind.Truth when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value.GetBoolean() ? "true" : "false",
            ApisixKind.Status when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var status) && status is 0 or 1 =>
                status == 1 ? "true" : "false",
            ApisixKind.Texts when value.ValueKind == JsonValueKind.Array => Texts(attribute.Name, value),
            ApisixKind.TextsByName when value.ValueKind == JsonValueKind.Object => TextsByName(attribute.Name, value),
            ApisixKind.Nodes when value.ValueKind is JsonValueKind.Array or JsonValueKind.Object => Nodes(attribute.Name, value),
            ApisixKind.Stamp when value.ValueKind == JsonValueKind.Number => null,
            _ => throw Wrong(attribute.Name, $"must be {KindOf(attribute.Kind)}"),
        };
        // An empty string equals a missing one, and is an error for a required attribute.
        if (setting is JsonValue text && text.GetValue<string>().Length == 0)
        {
            _seen.Remove(attribute.Name);
            return;
        }
        if (setting is not null) Put(attribute, setting);
    }

    private void Put(ApisixAttribute attribute, JsonNode setting)
    {
        var parent = _document;
        var steps = attribute.Setting.Split(':');
        foreach (var step in steps[..^1])
        {
            if (parent[step] is not JsonObject child) parent[step] = child = [];
            parent = child;
        }
        if (!parent.TryAdd(steps[^1], setting)) throw Wrong(attribute.Name, "is there twice");
    }

    private static JsonObject Texts(string name, JsonElement list)
    {
        var texts = new JsonObject();
        if (list.GetArrayLength() is 0 or > MaxTexts) throw Wrong(name, $"must have 1 to {MaxTexts} entries");
        foreach (var entry in list.EnumerateArray())
            texts[Invariant(texts.Count)] = entry.ValueKind == JsonValueKind.String
                ? TextOf(name, entry.GetString) : throw Wrong(name, "must be a list of texts");
        return texts;
    }

    private JsonObject TextsByName(string name, JsonElement group)
    {
        var texts = new JsonObject();
        foreach (var field in group.EnumerateObject())
        {
            var key = TextOf(name, () => field.Name);
            var full = $"{name}.{Shown(key)}";
            // A colon would split the setting in two.
            if (key.Length == 0 || key.Contains(':', StringComparison.Ordinal)) throw Wrong(
                full, "has a name that cannot be sent: use letters, digits, dots, dashes and underscores");
            if (IsReference(field.Value)) texts[key] = JsonObject.Create(field.Value);
            else if (field.Value.ValueKind == JsonValueKind.String && TextOf(full, field.Value.GetString) is { Length: > 0 } text)
                texts[key] = text;
            else throw Wrong(full, "must be a text");
        }
        return texts;
    }

    private static JsonObject Nodes(string name, JsonElement nodes)
    {
        var read = nodes.ValueKind == JsonValueKind.Object
            ? nodes.EnumerateObject().Select(node => ApisixNode.Parse(name, TextOf(name, () => node.Name), node.Value))
            : nodes.EnumerateArray().Select(node => ApisixNode.Parse(name, node));
        var list = new JsonObject();
        foreach (var node in read.Take(MaxNodes + 1)) list[Invariant(list.Count)] = node;
        return list.Count <= MaxNodes ? list : throw Wrong(name, $"has more than {MaxNodes} nodes");
    }

    /// <summary>True for the id of a secret: <c>{ "Id": "sec_…" }</c>.</summary>
    private bool IsReference(JsonElement value) =>
        acceptsReferences && value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 1
            && value.TryGetProperty("Id", out var id) && id.ValueKind == JsonValueKind.String && TextOf("Id", id.GetString).Length > 0;

    private static bool IsId(JsonElement value, string id) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf("id", value.GetString) == id,
        JsonValueKind.Number => value.GetRawText() == id,
        _ => false,
    } ? true : throw Wrong("id", "must equal the id in the path");

    internal static string TextOf(string name, Func<string?> read)
    {
        try
        {
            return read() is { } text && !text.Any(char.IsControl) ? text : throw Wrong(name, "has a control character");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "has half a letter (a surrogate alone)");
        }
    }

    internal static FormatException Wrong(string attribute, string mend) => new($"{attribute}: {mend}.");

    internal static string Invariant(IFormattable number) => number.ToString(format: null, CultureInfo.InvariantCulture);

    private static string Shown(string name) => name.Length <= 100 ? name : name[..(char.IsHighSurrogate(name[99]) ? 99 : 100)];

    private static string KindOf(ApisixKind kind) => kind switch
    {
        ApisixKind.Text => "a text",
        ApisixKind.Whole => "a whole number",
        ApisixKind.Truth => "true or false",
        ApisixKind.Status => "0 or 1",
        ApisixKind.Texts => "a list of texts",
        ApisixKind.TextsByName => "an object of texts",
        ApisixKind.Nodes => "an object of weights, or a list of nodes",
        _ => "a number",
    };
}
