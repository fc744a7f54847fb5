using System.Text.Json;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>The fields of a JSON object that affect the cost of a request.</summary>
internal sealed class RequestFields(params (string Name, RequestField Field)[] fields)
{
    public static readonly RequestFields None = new();

    private const int MaxShown = 64;

    private readonly Dictionary<string, RequestField> _fields =
        fields.ToDictionary(static field => field.Name, static field => field.Field, StringComparer.OrdinalIgnoreCase);

    public static string NameOf(ref Utf8JsonReader json) => Shown(json.GetString() ?? "");

    public static string Shown(string word) => word.Length <= MaxShown ? word : word[..MaxShown];

    /// <summary>The field whose name the reader is at.</summary>
    public RequestField Identify(ref Utf8JsonReader json)
    {
        const int LongestName = 32;
        // Escapes take up to six bytes per character.
        if (json.ValueSpan.Length > LongestName * 6
            || (!json.ValueIsEscaped && json.ValueSpan.Length > LongestName)) return RequestField.Other;
        Span<char> name = stackalloc char[LongestName * 6];
        name = name[..json.CopyString(name)];
        if (!_fields.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known, out var field)) return RequestField.Other;
        // Some providers ignore case: a field in other capitals could hide a second limit, so it is refused.
        return name.SequenceEqual(known) ? field : RequestField.Unmetered;
    }
}
