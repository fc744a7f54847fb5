using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>An API whose path names the model and the action.</summary>
internal abstract class GeminiApi : WireApi
{
    public override RequestFields Fields { get; } = new(
    [
        // The path names the model; a second one in the body is refused as ambiguous.
        ("model", RequestField.Model),
        ("contents", RequestField.Input),
        ("content", RequestField.Input),
        ("requests", RequestField.Input),
        // Instructions may be files, too.
        ("systemInstruction", RequestField.Instructions),
        ("system_instruction", RequestField.Instructions),
        ("tools", RequestField.Tools),
        ("generationConfig", RequestField.GenerationConfig),
        ("generation_config", RequestField.GenerationConfig),
        // The cache belongs to the user who created it with the shared key.
        ("cachedContent", RequestField.Unmetered),
        ("cached_content", RequestField.Unmetered),
        // A tier nearly doubles the price, and only a response header reports it: https://ai.google.dev/gemini-api/docs/priority-inference
        ("serviceTier", RequestField.Unmetered),
        ("service_tier", RequestField.Unmetered),
    ]);

    public override RequestFields GenerationConfigFields { get; } = new(
    [
        ("maxOutputTokens", RequestField.MaxOutputTokens),
        ("max_output_tokens", RequestField.MaxOutputTokens),
        ("candidateCount", RequestField.N),
        ("candidate_count", RequestField.N),
        ("responseModalities", RequestField.Modalities),
        ("response_modalities", RequestField.Modalities),
        ("thinkingConfig", RequestField.Thinking),
        ("thinking_config", RequestField.Thinking),
    ]);

    public override ProviderEndpoint? FindEndpoint(string method, string path) =>
        method == "POST" && GeminiDialect.ParsePath(path) is { Model.Length: > 0 } parts ? FindAction(parts.Model, parts.Verb) : null;

    public override Refusal? ReadTools(ref Utf8JsonReader json, InputMeasure input) => GeminiTools.Read(ref json, input);

    protected abstract ProviderEndpoint? FindAction(string model, string verb);
}
