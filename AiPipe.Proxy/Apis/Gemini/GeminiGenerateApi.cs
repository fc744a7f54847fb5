using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using static System.FormattableString;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>https://ai.google.dev/api/generate-content</summary>
internal sealed class GeminiGenerateApi : GeminiApi
{
    public static readonly GeminiGenerateApi Instance = new();

    public override IReadOnlyList<string> Endpoints { get; } =
        ["POST /models/{model}:generateContent", "POST /models/{model}:streamGenerateContent"];

    public override BodyEdit? AddOutputLimit(BodyLayout layout, long tokens, string chatField) => layout.LimitParent is { } config
        ? BodyEdit.Add(config, Invariant($"\"maxOutputTokens\":{tokens}"))
        : BodyEdit.Add(layout.Root, Invariant($"\"generationConfig\":{{\"maxOutputTokens\":{tokens}}}"));

    public override ApiResponse CreateResponse() => new GeminiGenerateResponse();

    public override ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) => isEventStream
        ? StreamEnding.Create("data: "u8, json => WriteLimitReached(json, facts), "\r\n\r\n"u8)
        : StreamEnding.Create(",\r\n"u8, json => WriteLimitReached(json, facts), "\r\n]"u8);

    public override InputMessages ReadInput(JsonElement body) => new(
        [.. body.Items("contents").Select(GeminiContent.Message)],
        body.Member("systemInstruction") is { } system ? GeminiContent.Read(system) : []);

    public override OutputMessages CreateOutput() => new GeminiGenerateOutput();

    protected override ProviderEndpoint? FindAction(string model, string verb) => verb switch
    {
        "generateContent" => new(this, "generate_content", model),
        "streamGenerateContent" => new(this, "generate_content", model, Streams: true),
        _ => null,
    };

    private static void WriteLimitReached(Utf8JsonWriter json, ResponseFacts facts)
    {
        json.WriteStartObject();
        json.WriteStartArray("candidates");
        json.WriteStartObject();
        json.WriteStartObject("content");
        json.WriteStartArray("parts");
        json.WriteStartObject();
        json.WriteString("text", "");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("role", "model");
        json.WriteEndObject();
        json.WriteString("finishReason", "MAX_TOKENS");
        json.WriteNumber("index", 0);
        json.WriteEndObject();
        json.WriteEndArray();
        if (facts.Model is not null) json.WriteString("modelVersion", facts.Model);
        if (facts.Id is not null) json.WriteString("responseId", facts.Id);
        json.WriteEndObject();
    }
}
