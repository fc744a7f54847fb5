namespace AiPipe.Proxy.Apis;

/// <summary>A provider's endpoint that may be called with our key.</summary>
/// <param name="Operation">The value of OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
/// <param name="PathModel">The model, if the path names it (Gemini).</param>
/// <param name="Streams">True if the path requests a stream (Gemini's <c>:streamGenerateContent</c>).</param>
internal sealed record ProviderEndpoint(Api Api, string Operation, string? PathModel = null, bool Streams = false)
{
    /// <summary>Any endpoint, for callers with a BYOK key.</summary>
    public static readonly ProviderEndpoint Unchecked = new(Api.Free, "unchecked");

    public bool IsMetered => Api != Api.Free;
}
