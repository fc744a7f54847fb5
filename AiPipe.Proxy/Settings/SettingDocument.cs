using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Settings;

/// <summary>Converts between JSON and configuration, whose numbers are strings recognized by their form.</summary>
internal static partial class SettingDocument
{
    /// <summary>In bytes; enough for thousands of team members.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>Converts JSON as if it stood in a file.</summary>
    /// <exception cref="FormatException">A name is repeated, or a string is invalid.</exception>
    public static SettingNode Read(string parent, string name, JsonElement json)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return SettingNode.Below(parent, name, TextOf(json));
        var node = SettingNode.Below(parent, name, json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 0 ? "" : null);
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in json.EnumerateObject())
            {
                var key = NameOf(field);
                if (field.Value.ValueKind == JsonValueKind.Null) continue;
                if (!node.Add(Read(node.Path, key, field.Value))) throw new FormatException(
                    $"{node.Path} has \"{key}\" twice: capitals do not part names.");
            }
        }
        else
        {
            var i = 0;
            foreach (var entry in json.EnumerateArray()) node.Add(Read(node.Path, $"{i++}", entry));
        }
        return node;
    }

    /// <summary>Converts to JSON, with lists, numbers and booleans recognized by their form.</summary>
    public static JsonNode? ToJson(SettingNode node)
    {
        if (node.Children.Count == 0) return LeafOf(node);
        if (node.Children.Select((child, i) => child.Key == $"{i}").All(isNext => isNext)) return new JsonArray(
            [.. node.Children.Select(ToJson)]);
        return new JsonObject(node.Children.Select(child => KeyValuePair.Create(child.Key, ToJson(child))));
    }

    public static JsonElement ToElement(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    private static JsonNode? LeafOf(SettingNode node) => node.Text switch
    {
        null => new JsonObject(),
        "" => new JsonArray(),
        var text when bool.TryParse(text, out var truth) => truth,
        var text when Number().IsMatch(text) => JsonNode.Parse(text),
        var text => text,
    };

    private static string TextOf(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String =>
                    json.GetString() is var text && !text!.Contains('\0', StringComparison.Ordinal)
                    ? text : throw new FormatException("A text has a control character."),
                JsonValueKind.Number => json.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => "",
            };
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A text has half a letter (a surrogate alone).", e);
        }
    }

    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name.Any(char.IsControl) ? throw new FormatException("A name has a control character.") : field.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A name has half a letter (a surrogate alone).", e);
        }
    }

    /// <summary>A number that round-trips; a longer one stays a string.</summary>
    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Number();
}
