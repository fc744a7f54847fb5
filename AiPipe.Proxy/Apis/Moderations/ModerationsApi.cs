using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.Moderations;

/// <summary>https://platform.openai.com/docs/api-reference/moderations: free, and recorded with the cost 0.</summary>
internal sealed class ModerationsApi() : OpenAiApi("/v1/moderations", "moderation")
{
    public static readonly ModerationsApi Instance = new();

    public override RequestFields Fields { get; } = new(("model", RequestField.Model), ("input", RequestField.Input));

    public override bool HasOutput => false;

    public override string DefaultModel => "omni-moderation-latest";

    public override Refusal? ReadBody(ReadOnlyMemory<byte> bytes, ProviderEndpoint endpoint, string provider, out CallBody? body)
    {
        if (base.ReadBody(bytes, endpoint, provider, out body) is { } refusal) return refusal;
        body = body! with { Units = new RequestedUnits(UnitKind.Moderation, Count: 1) };
        return null;
    }

    public override ApiResponse CreateResponse() => new ModerationsResponse();
}
