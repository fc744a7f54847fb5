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
        var reply = DemoReply.Read(request, out error);
        if (error is not null) return null;
        var talk = DemoTalk.About(messages.EnumerateArray(), instructions: null, request.Limit, reply);
        var head = new Head("chatcmpl-" + answers.Id, answers.Created, request.Model);
        return request.Streams
            ? answers.Stream(Events(head, talk, request)) : DemoJson.Body(json => Whole(json, head, talk, request.Answers));
    }

    private static void Whole(Utf8JsonWriter json, Head head, DemoTalk talk, int answers)
    {
        head.Start(json, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        for (var i = 0; i < answers; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, i);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, talk.Function is null ? talk.Text : null);
            json.WriteNull("refusal"u8);
            if (talk.Function is { } function) ToolCall(json, head, i, function, talk.Text, isChunk: false);
            json.WriteEndObject();
            json.WriteNull("logprobs"u8);
            json.WriteString("finish_reason"u8, Head.Reason(talk));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Head.Usage(json, talk.InputTokens, talk.Tokens.Count * answers);
        json.WriteEndObject();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Events(Head head, DemoTalk talk, DemoRequest request)
    {
        for (var i = 0; i < request.Answers; i++)
        {
            var index = i;
            yield return Chunk(index, json =>
            {
                json.WriteString("role"u8, "assistant"u8);
                if (talk.Function is { } function) ToolCall(json, head, index, function, "", isChunk: true);
            });
            foreach (var token in talk.Tokens)
            {
                yield return Chunk(index, json =>
                {
                    if (talk.Function is null) json.WriteString("content"u8, token);
                    else ToolCall(json, head, index, name: null, token, isChunk: true);
                });
            }
            yield return Chunk(index, static _ => { }, Head.Reason(talk));
        }
        if (request.IncludeUsage) yield return DemoJson.Event(json => Head.LastChunk(
            json, head, "chat.completion.chunk"u8, talk.InputTokens, talk.Tokens.Count * request.Answers));
        yield return DemoJson.Done;

        ReadOnlyMemory<byte> Chunk(int index, Action<Utf8JsonWriter> delta, string? reason = null) =>
            DemoJson.Event(json => WriteChunk(json, head, index, delta, reason, request.IncludeUsage));
    }

    private static void WriteChunk(
        Utf8JsonWriter json, Head head, int index, Action<Utf8JsonWriter> delta, string? reason, bool includeUsage)
    {
        head.Start(json, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, reason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage) json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    /// <param name="name"><c>null</c> in later chunks of a stream, which only continue the arguments.</param>
    private static void ToolCall(Utf8JsonWriter json, Head head, int choice, string? name, string arguments, bool isChunk)
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        if (isChunk) json.WriteNumber("index"u8, 0);
        if (name is not null)
        {
            json.WriteString("id"u8, $"call_{head.Id["chatcmpl-".Length..]}{choice}");
            json.WriteString("type"u8, "function"u8);
        }
        json.WriteStartObject("function"u8);
        if (name is not null) json.WriteString("name"u8, name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    internal readonly record struct Head(string Id, long Created, string Model)
    {
        public static string Reason(DemoTalk talk) => talk.IsCut ? "length" : talk.Function is null ? "stop" : "tool_calls";

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
