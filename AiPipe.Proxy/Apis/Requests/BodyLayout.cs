using System.Text.Json;

namespace AiPipe.Proxy.Apis.Requests;

/// <summary>Where in a JSON body the few places are that may have to be changed before it is sent; all else stays byte for byte.</summary>
internal sealed class BodyLayout
{
    /// <summary>The top-level object, into which missing fields are put.</summary>
    public ObjectSpot Root { get; set; }
    /// <summary>The model's name, with its quotes.</summary>
    public ValueSpot? Model { get; set; }
    /// <summary>Values of the output limits that the body states, <c>null</c> literals included.</summary>
    public List<ValueSpot> OutputLimits { get; } = [];
    /// <summary>The object that a missing output limit belongs into, when it is there and is not the root (Gemini's <c>generationConfig</c>).</summary>
    public ObjectSpot? LimitParent { get; set; }
    public ObjectSpot? StreamOptions { get; set; }
    /// <summary>The literal <c>null</c> of <c>"stream_options": null</c>.</summary>
    public ValueSpot? NullStreamOptions { get; set; }
    public ValueSpot? IncludeUsage { get; set; }
    public bool IncludesUsage { get; set; }
    /// <summary>The value of <c>max_tool_calls</c>, <c>null</c> literal included.</summary>
    public ValueSpot? MaxToolCalls { get; set; }
}

/// <summary>A value's bytes.</summary>
internal readonly record struct ValueSpot(int Start, int Length)
{
    /// <summary>The text that the reader stands at, with its quotes.</summary>
    public static ValueSpot OfText(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, json.ValueSpan.Length + 2);

    /// <summary>The number or literal that the reader stands at.</summary>
    public static ValueSpot FromCurrent(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, json.ValueSpan.Length);
}

/// <summary>The place just behind an object's opening brace.</summary>
/// <param name="Inside">Index of the byte after <c>{</c>.</param>
/// <param name="IsEmpty">No field follows, so that what is put in needs no comma.</param>
internal readonly record struct ObjectSpot(int Inside, bool IsEmpty);

/// <summary>One change of a body: at <paramref name="At"/>, <paramref name="Remove"/> bytes give way to <paramref name="Insert"/>.</summary>
internal readonly record struct BodyEdit(int At, int Remove, byte[] Insert);
