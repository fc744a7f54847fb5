using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Calls.Telemetry.Content;

internal sealed class OutputMessages(Api api)
{
    private const string Assistant = "assistant";

    private readonly SortedDictionary<int, Choice> _choices = [];
    private IReadOnlyList<GenAiMessage>? _whole;

    public IReadOnlyList<GenAiMessage> Messages => _whole ?? [.. _choices.Values
        .Select(choice => choice.ToMessage())
        .Where(static message => message is { Parts.Count: > 0 } or { FinishReason: not null })];

    /// <exception cref="InvalidOperationException">A field does not have the type in its API, or a string is not valid Unicode.</exception>
    public void Add(JsonElement json)
    {
        switch (api)
        {
            case Api.ChatCompletions: AddChat(json); break;
            case Api.Completions: AddCompletion(json); break;
            case Api.Responses: AddResponse(json); break;
            case Api.GeminiGenerate: AddGemini(json); break;
        }
    }

    private void AddChat(JsonElement json)
    {
        foreach (var element in json.Items("choices"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finish_reason"));
            if ((element.Member("delta") ?? element.Member("message")) is not { } message) continue;
            foreach (var part in message.Parts("content").Concat(message.Parts("refusal"))) choice.Add(part);
            foreach (var call in message.Items("tool_calls"))
            {
                var function = call.Member("function");
                choice.ToolCall(call.Number("index"), call.Text("id"), function?.Text("name"), function?.Raw("arguments"));
            }
        }
    }

    private void AddCompletion(JsonElement json)
    {
        foreach (var element in json.Items("choices"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finish_reason"));
            if (element.Text("text") is { } text) choice.Add(GenAiPart.FromText(text));
        }
    }

    /// <summary>The last event has the whole response. The deltas are used only if the stream ends before it.</summary>
    private void AddResponse(JsonElement json)
    {
        var response = json.Member("response") ?? json;
        if (response.Member("output") is { ValueKind: JsonValueKind.Array } output && output.GetArrayLength() > 0)
        {
            var reason = FinishReason(response.Text("status"));
            _whole = [.. output.EnumerateArray().Select(item => OpenAiParts.Item(item) with { FinishReason = reason })];
        }
        else if (json.Text("type") is "response.output_text.delta" or "response.refusal.delta" && json.Text("delta") is { } delta)
            ChoiceAt(json.Number("output_index")).Add(GenAiPart.FromText(delta));
    }

    private void AddGemini(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in json.EnumerateArray()) AddGemini(element);
            return;
        }
        foreach (var element in json.Items("candidates"))
        {
            var choice = ChoiceAt(element.Number("index"));
            choice.Finish(element.Text("finishReason"));
            if (element.Member("content") is { } content)
                foreach (var part in GeminiParts.Read(content)) choice.Add(part);
        }
    }

    private Choice ChoiceAt(int index) => _choices.TryGetValue(index, out var choice) ? choice : _choices[index] = new();

    private static string? FinishReason(string? reason) => reason?.ToLowerInvariant() switch
    {
        "completed" => "stop",
        "max_tokens" or "incomplete" => "length",
        "tool_calls" or "function_call" => "tool_call",
        "safety" or "blocklist" or "prohibited_content" => "content_filter",
        var other => other,
    };

    /// <summary>A choice of a response. Its text and tool arguments arrive in chunks.</summary>
    private sealed class Choice
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
            return new(Assistant, parts, _finishReason);
        }

        // Exceeds the limit by one chunk, so that GenAiPart truncates the text and marks it.
        private static void Append(StringBuilder text, string? more)
        {
            if (text.Length <= GenAiMessage.MaxBytes) text.Append(more);
        }
    }
}
