using System.Text;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Speech;

/// <summary>https://platform.openai.com/docs/api-reference/audio/createSpeech: billed by the character, or by the token.</summary>
internal sealed class SpeechApi() : OpenAiApi("/v1/audio/speech", "speech")
{
    public static readonly SpeechApi Instance = new();

    /// <summary>
    /// Of sound, which has about 1,250 tokens a minute: the name of an emoji, which has four bytes, can take three seconds.
    /// </summary>
    private const long TokensPerByte = 16;
    /// <summary>Pauses before and after the text.</summary>
    private const long TokensBeside = 256;

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("input", RequestField.UnitDetail),
        ("instructions", RequestField.Instructions),
        ("stream_format", RequestField.UnitDetail),
        ("provider", RequestField.ProviderPreferences),
    ]);

    /// <summary>No field limits the length of a speech.</summary>
    public override bool HasOutput => false;

    /// <summary>Raw samples have no type of their own at some providers.</summary>
    public override bool IsBinary(string? mediaType) => mediaType is not null
        && (mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase));

    public override Refusal? ReadBody(ReadOnlyMemory<byte> bytes, ProviderEndpoint endpoint, string provider, out CallBody? body)
    {
        if (base.ReadBody(bytes, endpoint, provider, out body) is { } refusal) return refusal;
        var details = body!.Layout!.UnitDetails;
        var text = details.GetValueOrDefault("input", "");
        body = body with
        {
            Streams = details.GetValueOrDefault("stream_format") == "sse",
            HasAudio = true,
            Units = new RequestedUnits(UnitKind.Character, text.EnumerateRunes().Count()),
            OutputTokensAtMost = TokensBeside + TokensPerByte * Encoding.UTF8.GetByteCount(text),
        };
        return null;
    }

    public override ApiResponse CreateResponse() => new SpeechResponse();
}
