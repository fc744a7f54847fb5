using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Apis;

/// <param name="Api">The format of its bodies; <c>null</c> = free and not metered: model lists, token counts.</param>
/// <param name="Operation">The value of OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
/// <param name="PathModel">The model, if the path names it.</param>
/// <param name="Streams">True if the path asks for a stream.</param>
internal sealed record ProviderEndpoint(WireApi? Api, string Operation, string? PathModel = null, bool Streams = false)
{
    /// <summary>Any endpoint, for callers with a BYOK key.</summary>
    public static readonly ProviderEndpoint Unchecked = new(Api: null, "unchecked");

    public static readonly ProviderEndpoint ModelList = new(Api: null, "list_models");

    [MemberNotNullWhen(true, nameof(Api))]
    public bool IsMetered => Api is not null;
}
