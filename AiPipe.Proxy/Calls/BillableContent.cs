using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Calls;

/// <summary>
/// Whether everything that a provider bills for a call passes through the gateway, so that a call without a usage report can be charged
/// for what was counted. Otherwise it is charged its reservation.
/// </summary>
internal static class BillableContent
{
    /// <summary>
    /// Known before the call is sent: a text stream from a non-reasoning model, without tools that the provider runs.
    /// </summary>
    public static bool IsCountableInStream(CallContext call) => call.Body.Streams && IsPlain(call);

    /// <param name="complete">True if the response was read to its end.</param>
    public static bool IsCountable(CallContext call, bool complete) => (complete || call.Body.Streams) && IsPlain(call);

    private static bool IsPlain(CallContext call) =>
        call.Body is
        {
            WebSearchesAtMost: 0, InputTokensAtMost: not null, HasAudio: false, HasImages: false,
            Media.Count: 0, PreviousResponse: null, PredictedTokensAtMost: 0, ThinkingTokens: 0, Units: null,
        }
            && NonReasoningModels.Contains(call.Body.Model);
}
