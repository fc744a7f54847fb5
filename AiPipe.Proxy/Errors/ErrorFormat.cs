using System.Text.Json;

namespace AiPipe.Proxy.Errors;

/// <summary>The JSON shape of errors that a dialect's clients expect.</summary>
internal abstract class ErrorFormat
{
    /// <summary>OpenAI's shape, also that of our own endpoints.</summary>
    public static readonly ErrorFormat OpenAi = new OpenAiErrorFormat();

    public abstract void Write(Utf8JsonWriter json, Refusal refusal);
}
