namespace AiPipe.Proxy.Apis;

/// <summary>Something that a provider offers and that may be called with our key.</summary>
/// <param name="Api">How it speaks.</param>
/// <param name="Operation">Its name in OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
/// <param name="PathModel">The model, where the path names it (Gemini).</param>
/// <param name="Streams">True when the path itself asks for a stream (Gemini's <c>:streamGenerateContent</c>).</param>
internal sealed record ProviderEndpoint(Api Api, string Operation, string? PathModel = null, bool Streams = false)
{
    /// <summary>Anything at all: what a caller with the provider's own key may reach.</summary>
    public static readonly ProviderEndpoint Unchecked = new(Api.Free, "unchecked");

    public bool IsMetered => Api != Api.Free;
}
