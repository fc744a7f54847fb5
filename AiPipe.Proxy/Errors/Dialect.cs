namespace AiPipe.Proxy.Errors;

/// <summary>The convention for errors, credentials and paths that a provider follows.</summary>
internal enum Dialect
{
    OpenAi,
    Gemini,
}
