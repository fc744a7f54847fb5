using System.Globalization;
using System.Text;
using AiPipe.Bench.Parts;

namespace AiPipe.Bench.Load;

/// <summary>The call that every load sends: a chat of about 500 bytes.</summary>
internal static class Chat
{
    /// <summary>To the provider that answers at once.</summary>
    public const string Path = "/now/v1/chat/completions";
    /// <summary>To the one that takes 50 ms.</summary>
    public const string SlowPath = "/slow/v1/chat/completions";

    private static readonly string Prompt = string.Join(' ', Enumerable.Repeat("Say something", 26));

    public static string Body(bool streams) =>
        $$"""{"model":"{{GatewaySettings.Model}}","max_tokens":100,"messages":[{"role":"user","content":"{{Prompt}}"}]{{(streams ? ",\"stream\":true" : "")}}}""";

    /// <summary>A whole request, ready to be written to a socket.</summary>
    public static byte[] Request(string path, string email, bool streams)
    {
        var body = Body(streams);
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {GatewaySettings.Token(email)}\r\nContent-Type: "
                + $"application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }
}
