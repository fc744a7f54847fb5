namespace AiPipe.AppHost.Starting;

/// <summary>AiPipe cannot start. The message is the one line that a person reads: what is wrong, and the mend.</summary>
internal sealed class CannotStartException(string message, Exception? cause = null) : Exception(message, cause);
