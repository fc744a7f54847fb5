namespace AiPipe.AppHost.Hosting;

/// <summary>AiPipe cannot start. The message says in one line what is wrong and how to correct it.</summary>
internal sealed class CannotStartException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The beginning of the line on the console. Services begin their line in the same way.</summary>
    public const string Prefix = "AiPipe cannot start:";
}
