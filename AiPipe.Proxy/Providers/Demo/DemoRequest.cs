using System.Security.Cryptography;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <param name="Id">The same for the same body.</param>
internal sealed record DemoRequest(string Id, string Model, bool Streams, bool IncludeUsage, long Limit, JsonElement Root)
{
    private static readonly string[] Limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

    private const int MaxAnswers = 8;

    /// <summary>The number of choices.</summary>
    public int Answers { get; private init; } = 1;

    public static DemoError? Read(ReadOnlySpan<byte> body, bool embeds, out DemoRequest? request)
    {
        request = null;
        var root = JsonElement.Parse(body);
        if (root.ValueKind != JsonValueKind.Object) return DemoError.BadRequest("The body must be a JSON object.");
        if (Field(root, "model")?.GetString() is not { } model) return DemoError.BadRequest("The request names no model.", "model");
        if (!(embeds ? model is "demo-embed" : model is "demo" or "demo-mini")) return DemoError.NoModel();
        var answers = 1;
        if (Field(root, "n") is { } n && (!n.TryGetInt32(out answers) || answers is < 1 or > MaxAnswers)) return DemoError.BadRequest(
            $"The demo gives 1 to {MaxAnswers} answers to a question.", "n");
        var limit = long.MaxValue;
        foreach (var name in Limits)
        {
            if (Field(root, name) is not { } stated) continue;
            if (!stated.TryGetInt64(out var tokens) || tokens < 1) return DemoError.BadRequest(
                "The limit must be a whole number above 0.", name);
            limit = Math.Min(limit, tokens);
        }
        var id = Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12));
        var streams = Field(root, "stream")?.GetBoolean() ?? false;
        var usage = Field(root, "stream_options") is { } options && (Field(options, "include_usage")?.GetBoolean() ?? false);
        request = new DemoRequest(id, model, streams, usage, limit, root) { Answers = answers };
        return null;
    }

    public static JsonElement? Field(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public JsonElement? this[string name] => Field(Root, name);

    /// <summary>The text of a message's content: a string, or the text parts of a list.</summary>
    public static string TextOf(JsonElement? content) => content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Join(' ', parts.EnumerateArray()
            .Select(part => part.ValueKind == JsonValueKind.Object ? Field(part, "text") : part)
            .Where(text => text is { ValueKind: JsonValueKind.String }).Select(text => text!.Value.GetString())),
        _ => "",
    };
}
