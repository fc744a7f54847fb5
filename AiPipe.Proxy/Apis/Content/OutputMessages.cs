using System.Text;
using System.Text.Json;

namespace AiPipe.Proxy.Apis.Content;

/// <summary>Collects the messages of one response. Each API has a subclass that says where they are.</summary>
internal abstract class OutputMessages
{
    private readonly SortedDictionary<int, Choice> _choices = [];

    public virtual IReadOnlyList<GenAiMessage> Messages => [.. _choices.Values
        .Select(choice => choice.ToMessage())
        .Where(static message => message is { Parts.Count: > 0 } or { FinishReason: not null })];

    /// <param name="json">A response, or an event of one.</param>
    /// <exception cref="InvalidOperationException">A field does not have the type in its API, or a string is not valid Unicode.</exception>
    public abstract void Add(JsonElement json);

    protected Choice ChoiceAt(int index) => _choices.TryGetValue(index, out var choice) ? choice : _choices[index] = new();

    /// <summary>The finish reason in the words of OpenTelemetry's conventions.</summary>
    protected static string? FinishReason(string? reason) => reason?.ToLowerInvariant() switch
    {
        "completed" => "stop",
        "max_tokens" or "incomplete" => "length",
        "tool_calls" or "function_call" => "tool_call",
        "safety" or "blocklist" or "prohibited_content" => "content_filter",
        var other => other,
    };

    /// <summary>A choice of a response. Its text and tool arguments arrive in chunks.</summary>
    protected sealed class Choice
    {
        private readonly StringBuilder _text = new();
        private readonly List<GenAiPart> _other = [];
        private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _calls = [];
        private string? _finishReason;

        public void Finish(string? reason) => _finishReason = FinishReason(reason) ?? _finishReason;

        public void Add(GenAiPart part)
        {
            if (part.Type != "text") _other.Add(part);
            else Append(_text, part.Text);
        }

        public void ToolCall(int index, string? id, string? name, string? arguments)
        {
            var call = _calls.TryGetValue(index, out var known) ? known : (null, null, new StringBuilder());
            Append(call.Item3, arguments);
            _calls[index] = (id ?? call.Item1, name ?? call.Item2, call.Item3);
        }

        public GenAiMessage ToMessage()
        {
            var parts = new List<GenAiPart>();
            if (_text.Length > 0) parts.Add(GenAiPart.FromText(_text.ToString()));
            parts.AddRange(_other);
            foreach (var (id, name, arguments) in _calls.Values) parts.Add(GenAiPart.FromToolCall(id, name, arguments.ToString()));
            return new("assistant", parts, _finishReason);
        }

        // Exceeds the limit by one chunk, so that GenAiPart truncates the text and marks it.
        private static void Append(StringBuilder text, string? more)
        {
            if (text.Length <= GenAiMessage.MaxBytes) text.Append(more);
        }
    }
}
