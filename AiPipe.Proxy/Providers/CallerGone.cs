namespace AiPipe.Proxy.Providers;

/// <summary>What happens to a response of unknown cost when its caller disconnects.</summary>
internal enum CallerGone
{
    /// <summary>It is read to its end, and the call is charged what the provider reports.</summary>
    Finish,
    /// <summary>The upstream request is cancelled; the reservation is charged.</summary>
    Cancel,
}
