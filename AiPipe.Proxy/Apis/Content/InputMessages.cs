namespace AiPipe.Proxy.Apis.Content;

/// <param name="System">A system instruction outside of the conversation (Responses, Gemini); empty = none.</param>
internal sealed record InputMessages(IReadOnlyList<GenAiMessage> Messages, IReadOnlyList<GenAiPart> System)
{
    public static readonly InputMessages None = new([], []);
}
