using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Settings;

/// <summary>Between JSON and what readers read. Configuration knows texts only, so a number comes back as one where it looks like one.</summary>
internal static partial class SettingDocument
{
    /// <summary>In bytes, of what somebody sends; thousands of a team's members.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>What is sent, as it would stand in a file.</summary>
    /// <param name="parent">The path of configuration that it lies in.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="json">The document.</param>
    /// <exception cref="FormatException">A name is there twice, or something is no text at all.</exception>
    public static SettingNode Read(string parent, string name, JsonElement json)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return SettingNode.Below(parent, name, TextOf(json));
        var node = SettingNode.Below(parent, name, json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 0 ? "" : null);
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in json.EnumerateObject())
            {
                var key = NameOf(field);
                // A field that is null is one that is not there.
                if (field.Value.ValueKind == JsonValueKind.Null) continue;
                if (!node.Add(Read(node.Path, key, field.Value))) throw new FormatException($"{node.Path} has \"{key}\" twice: capitals do not part names.");
            }
        }
        else
        {
            var i = 0;
            foreach (var entry in json.EnumerateArray()) node.Add(Read(node.Path, $"{i++}", entry));
        }
        return node;
    }

    /// <summary>As JSON: a list where it is one, numbers and truths where texts look like them.</summary>
    public static JsonNode? ToJson(SettingNode node)
    {
        if (node.Children.Count == 0) return LeafOf(node);
        if (node.Children.Select((child, i) => child.Key == $"{i}").All(isNext => isNext)) return new JsonArray([.. node.Children.Select(ToJson)]);
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
                JsonValueKind.String => json.GetString() is var text && !text!.Contains('\0', StringComparison.Ordinal) ? text : throw new FormatException("A text has a control character."),
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

    /// <summary>A number that is the same again when it was read; a longer one is a text.</summary>
    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Number();
}
