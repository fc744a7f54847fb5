namespace AiPipe.AppHost.Hosting;

/// <summary>AiPipe cannot start. The message is one line: what is wrong, and what to do.</summary>
internal sealed class CannotStartException(string message, Exception? innerException = null) : Exception(message, innerException);
