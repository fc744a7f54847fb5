using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Images;

/// <summary>A list of images, or events with images, the last of which has the usage. DALL·E has none: its images are counted.</summary>
internal sealed class ImagesResponse() : OpenAiResponse(Places)
{
    // A member without a field makes the scanner look into the object.
    private static readonly JsonPaths Places = JsonPaths.Create(
        [.. CompletionFields, ("data[]", Field.Media), ("data[].url", Field.None)]);

    private long _images;
    private bool _endsHere;

    protected override TokenUsage? Unreported => _images > 0 ? new TokenUsage { Units = _images } : null;

    /// <summary>Output without details is images.</summary>
    protected override TokenUsage Normalise(TokenUsage usage) => usage with { OutputImage = usage.OutputImage ?? usage.Output };

    public override void Opened(Field field)
    {
        if (field == Field.Media) _images++;
        base.Opened(field);
    }

    public override void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Type && content.StartsWith("image_"u8))
        {
            _endsHere |= content.EndsWith(".completed"u8);
            // An image is output, so a report of zero output is not believed.
            HasOutput();
        }
        base.String(field, content);
    }

    public override void EventEnded()
    {
        SawEnd |= _endsHere;
        _endsHere = false;
        base.EventEnded();
    }
}
