namespace AiPipe.Proxy.Apis.RequestBody;

internal enum UnitKind
{
    /// <summary>Checked texts and images; free at OpenAI.</summary>
    Moderation,
    Image,
    /// <summary>A character of a text to speak.</summary>
    Character,
}

/// <summary>The pieces that a request asks for.</summary>
/// <param name="Count">At most.</param>
/// <param name="Quality">Of an image; <c>default</c> = not stated.</param>
/// <param name="Size">Of an image: <c>1024x1024</c>; <c>default</c> = not stated.</param>
internal readonly record struct RequestedUnits(UnitKind Kind, long Count, string Quality = "default", string Size = "default");
