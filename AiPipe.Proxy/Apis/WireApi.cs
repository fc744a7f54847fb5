using System.Text.Json;
using AiPipe.Proxy.Apis.Content;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis;

/// <summary>
/// A wire API: one format of metered requests and responses. Each has a folder here with its implementation, and is listed by its
/// <see cref="Dialect"/>; the call pipeline knows only this class.
/// </summary>
internal abstract class WireApi
{
    /// <summary>The allowed endpoints, for messages: <c>POST /v1/chat/completions</c>.</summary>
    public abstract IReadOnlyList<string> Endpoints { get; }

    /// <summary>The fields at the root of a request that affect its cost.</summary>
    public abstract RequestFields Fields { get; }

    /// <summary>The fields of the object <see cref="RequestField.GenerationConfig"/>.</summary>
    public virtual RequestFields GenerationConfigFields => RequestFields.None;

    /// <summary>False if the response has no tokens that a limit could reduce: embeddings.</summary>
    public virtual bool HasOutput => true;

    /// <summary>True if every item of the input gets choices of its own.</summary>
    public virtual bool AnswersEveryPrompt => false;

    /// <summary>True if the model in a path applies, whatever the body says: Azure's deployments.</summary>
    public virtual bool IgnoresModelBesidePath => false;

    /// <summary>True if an input item that has neither a type nor a role is a reference to a stored item.</summary>
    public virtual bool BareItemsAreReferences => false;

    /// <summary>True if a stream reports its usage only on request (<c>stream_options.include_usage</c>).</summary>
    public virtual bool ReportsStreamUsageOnRequest => false;

    /// <summary>True if the request can limit its tool calls, and so its searches (<c>max_tool_calls</c>).</summary>
    public virtual bool LimitsToolCalls => false;

    /// <summary>True if the model reads all of its input again after each search.</summary>
    public virtual bool RereadsInputAfterSearch => false;

    /// <summary>
    /// True if the API's clients skip comments in event streams. Google's SDKs parse every line: a comment breaks them.
    /// </summary>
    public virtual bool ClientsSkipComments => false;

    /// <summary>The model of a request that names none; empty if the request must name one.</summary>
    public virtual string DefaultModel => "";

    /// <summary>True for a response that is neither JSON nor events: sound. Nothing in it is read.</summary>
    public virtual bool IsBinary(string? mediaType) => false;

    /// <summary>The endpoint at a path; <c>null</c> if it belongs to another API or is not allowed.</summary>
    /// <param name="method">In capitals.</param>
    /// <param name="path">Decoded, below the provider's base URL, with a leading slash, without the query.</param>
    public abstract ProviderEndpoint? FindEndpoint(string method, string path);

    /// <summary>Reads the fields of a request that affect its cost.</summary>
    /// <returns>Why the request is refused; <c>null</c> if <paramref name="body"/> was read.</returns>
    public virtual Refusal? ReadBody(ReadOnlyMemory<byte> bytes, ProviderEndpoint endpoint, string provider, out CallBody? body) =>
        CallBodyScanner.Scan(bytes, this, endpoint, provider, out body);

    /// <summary>Checks the request's tools. Those that the provider runs are allowed only if their cost is metered.</summary>
    public abstract Refusal? ReadTools(ref Utf8JsonReader json, InputMeasure input);

    /// <summary>Finds images, documents and sounds in a field with input.</summary>
    public virtual void MeasureInput(ref Utf8JsonReader json, InputMeasure input) => input.Walk(ref json, this);

    /// <summary>Adds an output limit to a request without one; <c>null</c> if the API has none.</summary>
    /// <param name="chatField">The provider's name of the field in chat completions.</param>
    public virtual BodyEdit? AddOutputLimit(BodyLayout layout, long tokens, string chatField) => null;

    /// <summary>A new reader of one response's usage.</summary>
    public abstract ApiResponse CreateResponse();

    /// <summary>
    /// The end of a stream that is stopped between two events, as if its output limit was reached, without usage; empty if none is needed.
    /// </summary>
    /// <param name="isEventStream">False for a stream that is one JSON array of events.</param>
    public virtual ReadOnlyMemory<byte> EndStream(bool isEventStream, ResponseFacts facts, DateTimeOffset createdAt) => default;

    /// <summary>The messages of a request, for telemetry.</summary>
    /// <exception cref="InvalidOperationException">A field does not have the type in this API.</exception>
    public virtual InputMessages ReadInput(JsonElement body) => InputMessages.None;

    /// <summary>A new collector of one response's messages, for telemetry; <c>null</c> if responses have none.</summary>
    public virtual OutputMessages? CreateOutput() => null;
}
