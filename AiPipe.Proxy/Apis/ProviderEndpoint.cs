namespace AiPipe.Proxy.Apis;

/// <param name="Operation">The value of OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
internal sealed record ProviderEndpoint(Api Api, string Operation, string? PathModel = null, bool Streams = false)
{
    /// <summary>Any endpoint, for callers with a BYOK key.</summary>
    public static readonly ProviderEndpoint Unchecked = new(Api.Free, "unchecked");

    public bool IsMetered => Api != Api.Free;
}
