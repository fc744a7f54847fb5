using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Implements https://platform.openai.com/docs/api-reference/completions.</summary>
internal static class DemoCompletions
{
    /// <summary>OpenAI's default limit.</summary>
    private const int UsualLimit = 16;
    private const int MaxPrompts = 16;

    public static HttpContent? Answer(DemoRequest request, DemoAnswers answers, out DemoError? error)
    {
        error = null;
        var prompts = request["prompt"] switch
        {
            { ValueKind: JsonValueKind.String } prompt => [prompt],
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() is >= 1 and <= MaxPrompts => list.EnumerateArray().ToList(),
            _ => [],
        };
        if (prompts.Count == 0 || prompts.Exists(prompt => prompt.ValueKind != JsonValueKind.String))
        {
            error = DemoError.BadRequest($"The prompt must be a text or a list of 1 to {MaxPrompts} texts.", "prompt");
            return null;
        }
        var limit = request.Limit == long.MaxValue ? UsualLimit : request.Limit;
        var talks = prompts.SelectMany(prompt => Enumerable.Repeat(
            DemoTalk.About(prompt.GetString()!, instructions: null, limit, DemoReply.Prose), request.Answers)).ToList();
        var inputTokens = talks.Sum(static talk => talk.InputTokens) / request.Answers;
        var head = new DemoChat.Head("cmpl-" + answers.Id, answers.Created, request.Model);
        return request.Streams
            ? answers.Stream(Events(head, talks, inputTokens, request.IncludeUsage)) : DemoJson.Body(json => Whole(json, head, talks, inputTokens));
    }

    private static void Whole(Utf8JsonWriter json, DemoChat.Head head, List<DemoTalk> talks, int inputTokens)
    {
        head.Start(json, "text_completion"u8);
        json.WriteStartArray("choices"u8);
        for (var i = 0; i < talks.Count; i++) Choice(json, i, talks[i].Text, DemoChat.Head.Reason(talks[i]));
        json.WriteEndArray();
        DemoChat.Head.Usage(json, inputTokens, talks.Sum(talk => talk.Tokens.Count));
        json.WriteEndObject();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Events(DemoChat.Head head, List<DemoTalk> talks, int inputTokens, bool includeUsage)
    {
        for (var i = 0; i < talks.Count; i++)
        {
            var (index, talk) = (i, talks[i]);
            for (var t = 0; t < talk.Tokens.Count; t++)
            {
                var (token, reason) = (talk.Tokens[t], t == talk.Tokens.Count - 1 ? DemoChat.Head.Reason(talk) : null);
                yield return DemoJson.Event(json => Chunk(json, head, index, token, reason, includeUsage));
            }
        }
        if (includeUsage)
        {
            yield return DemoJson.Event(json => DemoChat.Head.LastChunk(
                json, head, "text_completion"u8, inputTokens, talks.Sum(talk => talk.Tokens.Count)));
        }
        yield return DemoJson.Done;
    }

    private static void Chunk(Utf8JsonWriter json, DemoChat.Head head, int index, string token, string? reason, bool includeUsage)
    {
        head.Start(json, "text_completion"u8);
        json.WriteStartArray("choices"u8);
        Choice(json, index, token, reason);
        json.WriteEndArray();
        if (includeUsage) json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    private static void Choice(Utf8JsonWriter json, int index, string text, string? reason)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteString("text"u8, text);
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, reason);
        json.WriteEndObject();
    }
}
