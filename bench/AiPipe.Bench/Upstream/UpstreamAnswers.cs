using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AiPipe.Bench.Upstream;

/// <summary>The bytes of answers, made once.</summary>
internal static class UpstreamAnswers
{
    public const int InputTokens = 100;
    public const int OutputTokens = 20;

    /// <summary>The name of the field that says when an event left, in ticks of the machine's monotonic clock.</summary>
    public const string SentAt = "\"sent_at\":\"";

    /// <summary>The answer to a call that leaves room for all of its tokens.</summary>
    public static readonly byte[] FullChat = Chat(OutputTokens);

    /// <summary>An answer of some tokens, of about 500 bytes.</summary>
    public static byte[] Chat(int tokens) => Whole($$"""
        {"id":"chatcmpl-bench","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"{{string.Join(' ', Enumerable.Repeat("word", 50))}}"},"finish_reason":"stop"}],"usage":{{Usage(tokens)}}}
        """);

    public static readonly byte[] StreamHead = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");

    public static readonly byte[] StreamEnd = [.. Chunk("data: [DONE]\n\n"), .. "0\r\n\r\n"u8];

    public static byte[] Whole(string json) =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

    /// <summary>One token, with the moment it leaves and the usage so far, as servers report it that bill those who leave early.</summary>
    public static byte[] Event(int token) => Chunk(string.Create(CultureInfo.InvariantCulture,
        $$"""
        data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench",{{SentAt}}{{Stopwatch.GetTimestamp():D19}}","choices":[{"index":0,"delta":{"content":"tok"},"finish_reason":null}],"usage":{{Usage(token)}}}


        """));

    /// <summary>The same without usage, as OpenAI sends it.</summary>
    public static byte[] PlainEvent() => Chunk(string.Create(CultureInfo.InvariantCulture,
        $$"""
        data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench",{{SentAt}}{{Stopwatch.GetTimestamp():D19}}","choices":[{"index":0,"delta":{"content":"tok"},"finish_reason":null}]}


        """));

    /// <summary>The report at a stream's end.</summary>
    public static byte[] LastEvent(int tokens) => Chunk($$"""
        data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench","choices":[],"usage":{{Usage(tokens)}}}


        """);

    private static string Usage(int output) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"prompt_tokens":{{InputTokens}},"completion_tokens":{{output}},"total_tokens":{{InputTokens + output}}}""");

    private static byte[] Chunk(string text) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n"));
}
