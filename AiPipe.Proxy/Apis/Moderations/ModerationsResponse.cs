using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Moderations;

/// <summary>OpenAI's have no usage; those of other providers report the tokens of their input.</summary>
internal sealed class ModerationsResponse() : OpenAiResponse(Places)
{
    // A member without a field makes the scanner look into the object.
    private static readonly JsonPaths Places = JsonPaths.Create(
        [.. CompletionFields, ("results[]", Field.Event), ("results[].flagged", Field.None)]);

    private long _results;

    protected override TokenUsage? Unreported => _results > 0 ? new TokenUsage { Units = _results } : null;

    protected override TokenUsage Normalise(TokenUsage usage) => usage with { Output = 0 };

    public override void Closed(Field field)
    {
        if (field == Field.Event) _results++;
        base.Closed(field);
    }
}
