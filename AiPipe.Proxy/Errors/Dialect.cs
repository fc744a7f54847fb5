namespace AiPipe.Proxy.Errors;

internal enum Dialect
{
    OpenAi,
    Gemini,
}
