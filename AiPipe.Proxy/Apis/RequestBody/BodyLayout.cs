using System.Text;
using System.Text.Json;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>Positions in a JSON body of the fields that may be edited before it is sent; all other bytes stay unchanged.</summary>
internal sealed class BodyLayout
{
    public ObjectSpot Root { get; set; }
    /// <summary>Includes the quotes.</summary>
    public ValueSpot? Model { get; set; }
    public List<ValueSpot> OutputLimits { get; } = [];
    /// <summary>The object that a missing output limit is added to, if it is not the root (Gemini's <c>generationConfig</c>).</summary>
    public ObjectSpot? LimitParent { get; set; }
    public ObjectSpot? StreamOptions { get; set; }
    public ValueSpot? NullStreamOptions { get; set; }
    public ValueSpot? IncludeUsage { get; set; }
    public bool IncludesUsage { get; set; }
    public ValueSpot? MaxToolCalls { get; set; }
    public SearchLimit? SearchLimit { get; set; }
    /// <summary>The limits of the tokens to think with, above zero.</summary>
    public List<(ValueSpot Spot, long Tokens)> Thinking { get; } = [];
    /// <summary>The values of <see cref="RequestField.UnitDetail"/> by name; numbers as text.</summary>
    public Dictionary<string, string> UnitDetails { get; } = [];
    /// <summary>OpenRouter's preferences among providers.</summary>
    public ProviderPreferences? ProviderPreferences { get; set; }
}

internal readonly record struct ValueSpot(int Start, int Length)
{
    public static ValueSpot OfText(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, json.ValueSpan.Length + 2);

    public static ValueSpot FromCurrent(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, json.ValueSpan.Length);
}

/// <param name="Inside">Index of the byte after <c>{</c>.</param>
/// <param name="IsEmpty">True if an added field needs no comma.</param>
internal readonly record struct ObjectSpot(int Inside, bool IsEmpty);

/// <summary>The limit of searches in the tool that searches the web.</summary>
/// <param name="Tool">The tool, which a missing limit is added to.</param>
/// <param name="MaxUses">The value of the limit; <c>null</c> = missing.</param>
/// <param name="Uses">The limit; <c>null</c> = not stated.</param>
internal readonly record struct SearchLimit(ObjectSpot Tool, ValueSpot? MaxUses, int? Uses);

/// <param name="Insert">ASCII.</param>
internal readonly record struct BodyEdit(int At, int Remove, byte[] Insert)
{
    public static BodyEdit Replace(ValueSpot value, string json) => new(value.Start, value.Length, Encoding.ASCII.GetBytes(json));

    /// <param name="field">Name and value: <c>"max_tokens":100</c>.</param>
    public static BodyEdit Add(ObjectSpot place, string field) =>
        new(place.Inside, Remove: 0, Encoding.ASCII.GetBytes(place.IsEmpty ? field : field + ","));
}
