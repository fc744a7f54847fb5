namespace AiPipe.Proxy.Callers;

/// <summary>The header in which the pages name the session whose cookie a person's token comes from.</summary>
internal static class SessionHeader
{
    public const string Name = "X-AiPipe-Session";

    public static Guid? IdOf(HttpRequest request) => Guid.TryParse(request.Headers[Name], out var id) ? id : null;
}
