using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

internal sealed record DemoResponse(string Id, long Created, string Model, DemoTalk Talk)
{
    public string ItemId => (Talk.Function is null ? "msg_" : "fc_") + Id;

    private string Status => Talk.IsCut ? "incomplete" : "completed";

    public void Write(Utf8JsonWriter json, bool isFinished)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, "resp_" + Id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, Created);
        json.WriteString("status"u8, isFinished ? Status : "in_progress");
        json.WriteNull("error"u8);
        WriteReason(json, isFinished);
        json.WriteString("model"u8, Model);
        json.WriteStartArray("output"u8);
        if (isFinished) Item(json, name: null, isFinished);
        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls"u8, value: true);
        json.WriteString("tool_choice"u8, "auto"u8);
        json.WriteStartArray("tools"u8);
        json.WriteEndArray();
        if (isFinished) WriteUsage(json);
        else json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    public void Item(Utf8JsonWriter json, string? name, bool isFinished)
    {
        if (name is not null) json.WritePropertyName(name);
        json.WriteStartObject();
        if (Talk.Function is { } function)
        {
            json.WriteString("type"u8, "function_call"u8);
            json.WriteString("id"u8, ItemId);
            json.WriteString("call_id"u8, "call_" + Id);
            json.WriteString("name"u8, function);
            json.WriteString("arguments"u8, isFinished ? Talk.Text : "");
            json.WriteString("status"u8, isFinished ? Status : "in_progress");
            json.WriteEndObject();
            return;
        }
        json.WriteString("type"u8, "message"u8);
        json.WriteString("id"u8, ItemId);
        json.WriteString("status"u8, isFinished ? Status : "in_progress");
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
        if (isFinished) Part(json, name: null, Talk.Text);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Part(Utf8JsonWriter json, string? name, string text)
    {
        if (name is not null) json.WritePropertyName(name);
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteReason(Utf8JsonWriter json, bool isFinished)
    {
        if (!isFinished || !Talk.IsCut)
        {
            json.WriteNull("incomplete_details"u8);
            return;
        }
        json.WriteStartObject("incomplete_details"u8);
        json.WriteString("reason"u8, "max_output_tokens"u8);
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, Talk.InputTokens);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, Talk.Tokens.Count);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, Talk.InputTokens + Talk.Tokens.Count);
        json.WriteEndObject();
    }
}
