namespace AiPipe.Proxy.Callers;

internal static class PresentedToken
{
    private const string Bearer = "Bearer ";

    /// <summary>The token of <c>Authorization</c>, <c>x-goog-api-key</c>, <c>x-api-key</c>, <c>api-key</c> (Azure) or <c>?key=</c>.</summary>
    public static string? FromRequest(HttpRequest request, bool keyInQuery)
    {
        var headers = request.Headers;
        return Strip(headers.Authorization)
            ?? Strip(headers["x-goog-api-key"])
            ?? Strip(headers["x-api-key"])
            ?? Strip(headers["api-key"])
            ?? (keyInQuery ? Strip(request.Query["key"]) : null);
    }

    private static string? Strip(string? value)
    {
        if (value is null) return null;
        var token = value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(Bearer.Length).Trim() : value.AsSpan()
            .Trim();
        return token.Length == 0 || token.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? null : token.ToString();
    }
}
