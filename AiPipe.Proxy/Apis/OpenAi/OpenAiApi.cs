using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;
using static System.FormattableString;

namespace AiPipe.Proxy.Apis.OpenAi;

/// <summary>An API with one endpoint, whose request names the model and has its limits at the root.</summary>
internal abstract class OpenAiApi : WireApi
{
    /// <summary>OpenRouter: models other than the priced one, extras with their own prices, and presets that can set both.</summary>
    protected static readonly (string Name, RequestField Field)[] OpenRouterFields =
    [
        ("models", RequestField.Unmetered),
        ("plugins", RequestField.Unmetered),
        ("preset", RequestField.Unmetered),
        ("provider", RequestField.ProviderPreferences),
        ("reasoning", RequestField.Thinking),
        ("thinking", RequestField.Thinking),
    ];

    private readonly string _path;
    private readonly ProviderEndpoint _endpoint;

    protected OpenAiApi(string path, string operation)
    {
        (_path, _endpoint) = (path, new ProviderEndpoint(this, operation));
        Endpoints = ["POST " + path];
    }

    public override IReadOnlyList<string> Endpoints { get; }

    public override bool ClientsSkipComments => true;

    public override bool IgnoresModelBesidePath => true;

    public override ProviderEndpoint? FindEndpoint(string method, string path) => method == "POST" && path == _path ? _endpoint : null;

    public override Refusal? ReadTools(ref Utf8JsonReader json, InputMeasure input) =>
        OpenAiTools.Read(ref json, input, allowsSearch: false);

    public override BodyEdit? AddOutputLimit(BodyLayout layout, long tokens, string chatField) =>
        BodyEdit.Add(layout.Root, Invariant($"\"{LimitField(chatField)}\":{tokens}"));

    protected virtual string LimitField(string chatField) => "max_tokens";
}
