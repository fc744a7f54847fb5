using System.Text;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>A prompt and the demo's reply, in tokens.</summary>
/// <param name="InputTokens">One for every four bytes of text, and three for every message.</param>
/// <param name="Tokens">The reply as words or pieces of words, truncated at the limit.</param>
/// <param name="IsCut">True if the limit truncated the reply.</param>
internal sealed record DemoTalk(int InputTokens, IReadOnlyList<string> Tokens, bool IsCut)
{
    private const int MaxEchoRunes = 200;
    private const int BytesPerToken = 4;
    private const int TokensPerMessage = 3;
    /// <summary>Longer words are several tokens, so that a count by bytes never exceeds the demo's own.</summary>
    private const int MaxTokenBytes = 14;

    public string Text => string.Concat(Tokens);

    /// <summary>The function that is called; the tokens are its arguments then.</summary>
    public string? Function { get; private init; }

    /// <summary>Replies to the last user message; all messages count as input.</summary>
    public static DemoTalk About(IEnumerable<JsonElement> messages, string? instructions, long limit, DemoReply reply)
    {
        var (question, tokens) = ("", instructions is null ? 0 : Count(instructions));
        foreach (var message in messages)
        {
            var text = DemoRequest.TextOf(DemoRequest.Field(message, "content"));
            tokens += Count(text);
            if (DemoRequest.Field(message, "role")?.GetString() is null or "user") question = text;
        }
        return Answer(question, tokens, limit, reply);
    }

    public static DemoTalk About(string question, string? instructions, long limit, DemoReply reply) =>
        Answer(question, Count(question) + (instructions is null ? 0 : Count(instructions)), limit, reply);

    public static int Count(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken + TokensPerMessage;

    private static DemoTalk Answer(string question, int inputTokens, long limit, DemoReply reply)
    {
        var all = Split(reply.IsJson ? DemoSample.Create(reply.Schema, Echo(question))
            : "Hello! I am AiPipe's demo model. I live inside the gateway, need no key and no network, and am metered and priced like a "
                + "real model: "
            + $"see /usage. You said: “{Echo(question)}”. Give AiPipe a provider's key, such as OPENAI_API_KEY, and ask a real model.");
        var isCut = all.Count > limit;
        return new DemoTalk(inputTokens, isCut ? all.GetRange(0, (int)limit) : all, isCut) { Function = reply.Function };
    }

    private static string Echo(string text)
    {
        var echo = new StringBuilder();
        var runes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (runes++ == MaxEchoRunes) return echo.Append('…').ToString();
            echo.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }
        return echo.ToString();
    }

    /// <summary>A token is a word with the space before it, or a piece of a long word.</summary>
    private static List<string> Split(string text)
    {
        var tokens = new List<string>();
        var token = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes > 0 && (rune.Value == ' ' || bytes + rune.Utf8SequenceLength > MaxTokenBytes))
            {
                tokens.Add(token.ToString());
                token.Clear();
                bytes = 0;
            }
            token.Append(rune.ToString());
            bytes += rune.Utf8SequenceLength;
        }
        if (bytes > 0) tokens.Add(token.ToString());
        return tokens;
    }
}
