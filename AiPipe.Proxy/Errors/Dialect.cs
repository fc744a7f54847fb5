namespace AiPipe.Proxy.Errors;

/// <summary>The family of error shapes, credentials and paths that a provider speaks.</summary>
internal enum Dialect
{
    OpenAi,
    Gemini,
}
