using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.Responses;

/// <summary>https://platform.openai.com/docs/api-reference/responses</summary>
internal sealed class ResponsesApi() : OpenAiApi("/v1/responses", "chat")
{
    public static readonly ResponsesApi Instance = new();

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("stream", RequestField.Stream),
        ("max_output_tokens", RequestField.MaxOutputTokens),
        ("max_tool_calls", RequestField.MaxToolCalls),
        ("service_tier", RequestField.ServiceTier),
        ("input", RequestField.Input),
        ("tools", RequestField.Tools),
        ("previous_response_id", RequestField.PreviousResponse),
        ("conversation", RequestField.InputElsewhere),
        ("prompt", RequestField.InputElsewhere),
        // Returns at once, without usage.
        ("background", RequestField.Unmetered),
        .. OpenRouterFields,
    ]);

    public override bool BareItemsAreReferences => true;

    public override bool LimitsToolCalls => true;

    public override Refusal? ReadTools(ref Utf8JsonReader json, InputMeasure input) =>
        OpenAiTools.Read(ref json, input, allowsSearch: true);

    public override ApiResponse CreateResponse() => new ResponsesResponse();

    public override ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) =>
        isEventStream
            ? StreamEnding.Create("event: response.incomplete\ndata: "u8, json => WriteIncomplete(json, facts, createdAt), "\n\n"u8)
            : default;

    public override InputMessages ReadInput(JsonElement body) =>
        new([.. body.Items("input").Select(OpenAiContent.Item)], OpenAiContent.Parts(body, "instructions"));

    public override OutputMessages CreateOutput() => new ResponsesOutput();

    protected override string LimitField(string chatField) => "max_output_tokens";

    private static void WriteIncomplete(Utf8JsonWriter json, ResponseFacts facts, DateTimeOffset createdAt)
    {
        json.WriteStartObject();
        json.WriteString("type", "response.incomplete");
        json.WriteStartObject("response");
        json.WriteString("id", facts.Id ?? "");
        json.WriteString("object", "response");
        json.WriteNumber("created_at", createdAt.ToUnixTimeSeconds());
        json.WriteString("status", "incomplete");
        json.WriteNull("error");
        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "max_output_tokens");
        json.WriteEndObject();
        json.WriteString("model", facts.Model ?? "");
        json.WriteStartArray("output");
        json.WriteEndArray();
        json.WriteNull("usage");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
