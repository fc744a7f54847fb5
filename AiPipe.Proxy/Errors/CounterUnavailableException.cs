namespace AiPipe.Proxy.Errors;

internal sealed class CounterUnavailableException(string why, Exception? cause = null) : Exception(why, cause);
