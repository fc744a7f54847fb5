namespace AiPipe.Proxy.Providers;

/// <summary>What happens to a response whose caller has left and whose cost is not visible yet.</summary>
internal enum CallerGone
{
    /// <summary>It is read to its end, and the call is charged what the provider reports.</summary>
    Finish,
    /// <summary>It is ended at the provider, and the call is charged its reservation.</summary>
    Cancel,
}
