namespace AiPipe.Proxy.Errors;

/// <summary>The spend counters are unavailable.</summary>
internal sealed class CounterUnavailableException(string why, Exception? cause = null) : Exception(why, cause);
