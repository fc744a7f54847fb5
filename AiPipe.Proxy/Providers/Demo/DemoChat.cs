using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Implements https://platform.openai.com/docs/api-reference/chat.</summary>
internal static class DemoChat
{
    public static HttpContent? Answer(DemoRequest request, DemoAnswers answers, out DemoError? error)
    {
        error = null;
        if (request["messages"] is not { ValueKind: JsonValueKind.Array } messages || messages.GetArrayLength() == 0)
        {
            error = DemoError.BadRequest("The request has no messages.", "messages");
            return null;
        }
        var talk = DemoTalk.About(messages.EnumerateArray(), instructions: null, request.Limit);
        var head = new Head("chatcmpl-" + answers.Id, answers.Created, request.Model);
        return request.Streams ? answers.Stream(Events(head, talk, request.IncludeUsage)) : DemoJson.Body(json => Whole(json, head, talk));
    }

    private static void Whole(Utf8JsonWriter json, Head head, DemoTalk talk)
    {
        head.Start(json, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, talk.Text);
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, Head.Reason(talk));
        json.WriteEndObject();
        json.WriteEndArray();
        Head.Usage(json, talk.InputTokens, talk.Tokens.Count);
        json.WriteEndObject();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Events(Head head, DemoTalk talk, bool includeUsage)
    {
        yield return DemoJson.Event(json => Chunk(json, head, "role", "assistant", reason: null, includeUsage));
        foreach (var token in talk.Tokens)
            yield return DemoJson.Event(json => Chunk(json, head, "content", token, reason: null, includeUsage));
        yield return DemoJson.Event(json => Chunk(json, head, field: null, text: null, Head.Reason(talk), includeUsage));
        if (includeUsage) yield return DemoJson.Event(
            json => Head.LastChunk(json, head, "chat.completion.chunk"u8, talk.InputTokens, talk.Tokens.Count));
        yield return DemoJson.Done;
    }

    private static void Chunk(Utf8JsonWriter json, Head head, string? field, string? text, string? reason, bool includeUsage)
    {
        head.Start(json, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("delta"u8);
        if (field is not null) json.WriteString(field, text);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, reason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage) json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    internal readonly record struct Head(string Id, long Created, string Model)
    {
        public static string Reason(DemoTalk talk) => talk.IsCut ? "length" : "stop";

        public void Start(Utf8JsonWriter json, ReadOnlySpan<byte> kind)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Id);
            json.WriteString("object"u8, kind);
            json.WriteNumber("created"u8, Created);
            json.WriteString("model"u8, Model);
        }

        public static void Usage(Utf8JsonWriter json, int input, int output)
        {
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, input);
            json.WriteNumber("completion_tokens"u8, output);
            json.WriteNumber("total_tokens"u8, input + output);
            json.WriteEndObject();
        }

        public static void LastChunk(Utf8JsonWriter json, Head head, ReadOnlySpan<byte> kind, int input, int output)
        {
            head.Start(json, kind);
            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
            Usage(json, input, output);
            json.WriteEndObject();
        }
    }
}
