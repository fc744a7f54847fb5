using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Metering;
using static System.FormattableString;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>https://platform.claude.com/docs/en/api/messages</summary>
internal sealed class MessagesApi : WireApi
{
    public static readonly MessagesApi Instance = new();

    private readonly ProviderEndpoint _endpoint;

    private MessagesApi() => _endpoint = new ProviderEndpoint(this, "chat");

    public override IReadOnlyList<string> Endpoints { get; } = ["POST /v1/messages"];

    public override RequestFields Fields { get; } = new(
    [
        ("model", RequestField.Model),
        ("stream", RequestField.Stream),
        ("max_tokens", RequestField.MaxTokens),
        ("messages", RequestField.Input),
        ("system", RequestField.Instructions),
        ("tools", RequestField.Tools),
        ("thinking", RequestField.Thinking),
        ("context_management", RequestField.ContextManagement),
        // Other values than the usual ones have other prices: https://platform.claude.com/docs/en/about-claude/pricing
        ("speed", RequestField.Unmetered),
        ("inference_geo", RequestField.Unmetered),
        // Run by Anthropic, or billed for other models than the one that the request names.
        ("mcp_servers", RequestField.Unmetered),
        ("container", RequestField.Unmetered),
        ("compaction", RequestField.Unmetered),
        ("fallbacks", RequestField.Unmetered),
        ("fallback_credit_token", RequestField.Unmetered),
        ("billing_policy", RequestField.Unmetered),
        // Stored in our account.
        ("thread", RequestField.Unmetered),
        ("workspace_id", RequestField.Unmetered),
    ]);

    public override bool LimitsToolCalls => true;

    public override bool RereadsInputAfterSearch => true;

    public override bool ClientsSkipComments => true;

    public override ProviderEndpoint? FindEndpoint(string method, string path) =>
        method == "POST" && path == "/v1/messages" ? _endpoint : null;

    public override Refusal? ReadTools(ref Utf8JsonReader json, InputMeasure input) => MessagesTools.Read(ref json, input);

    public override void MeasureInput(ref Utf8JsonReader json, InputMeasure input) => MessagesInput.Read(ref json, input);

    public override BodyEdit? AddOutputLimit(BodyLayout layout, long tokens, string chatField) =>
        BodyEdit.Add(layout.Root, Invariant($"\"max_tokens\":{tokens}"));

    public override ApiResponse CreateResponse() => new MessagesResponse();

    public override ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) =>
        isEventStream && facts.Position is { } position ? MessagesEnding.Create(position) : default;

    public override InputMessages ReadInput(JsonElement body) => new(
        [.. body.Items("messages").Select(static message => MessagesContent.Message(message, message.Text("role") ?? "user"))],
        MessagesContent.Read(body, "system"));

    public override OutputMessages CreateOutput() => new MessagesOutput();
}
