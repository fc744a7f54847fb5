using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Speech;

/// <summary>Events with sound, the last of which has the usage (<c>speech.audio.done</c>).</summary>
internal sealed class SpeechResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(CompletionFields);

    private bool _endsHere;

    /// <summary>All output is sound.</summary>
    protected override TokenUsage Normalise(TokenUsage usage) => usage with { OutputAudio = usage.Output };

    public override void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Type && content.StartsWith("speech.audio."u8))
        {
            _endsHere |= content.SequenceEqual("speech.audio.done"u8);
            // Sound is output, so a report of zero output is not believed.
            if (content.SequenceEqual("speech.audio.delta"u8)) HasOutput();
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
