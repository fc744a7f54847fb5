namespace AiPipe.AppHost.Hosting;

/// <summary>AiPipe cannot start. The message says in one line what is wrong and how to correct it.</summary>
internal sealed class CannotStartException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What the line on the console begins with, also that of a service.</summary>
    public const string Prefix = "AiPipe cannot start:";
}
