using System.Text;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Fixtures;

/// <summary>What providers answer.</summary>
public static class Answers
{
    public static string Chat(int input, int output, string model = "gpt-4o-mini-2024-07-18") => $$$"""
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"{{{model}}}","choices":[{"index":0,"message":
        {"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{{{Usage(input, output)}}}}
        """;

    public static string Usage(int input, int output) =>
        $$"""{"prompt_tokens":{{input}},"completion_tokens":{{output}},"total_tokens":{{input + output}}}""";

    public static string Chunk(string content) => $$$"""
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"{{{content}}}"},"finish_reason":null}]}
        """;

    public static string UsageChunk(int input, int output) => $$"""
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{{Usage(input, output)}}}
        """;

    public static async Task Json(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        var bytes = Encoding.UTF8.GetBytes(json);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>Begins a stream of events; what follows is sent one by one with <see cref="Event"/>.</summary>
    public static Task BeginStream(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        return http.Response.Body.FlushAsync(http.RequestAborted);
    }

    public static async Task Event(HttpContext http, string data)
    {
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data.ReplaceLineEndings("")}\n\n"), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    /// <summary>A whole chat stream with a report of usage at its end.</summary>
    public static async Task ChatStream(HttpContext http, int input, int output, params string[] words)
    {
        await BeginStream(http);
        foreach (var word in words) await Event(http, Chunk(word));
        await Event(http, UsageChunk(input, output));
        await Event(http, "[DONE]");
    }
}
