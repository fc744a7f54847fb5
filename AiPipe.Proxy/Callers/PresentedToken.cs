namespace AiPipe.Proxy.Callers;

/// <summary>Where a request may carry its token.</summary>
internal static class PresentedToken
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// The token of <c>Authorization: Bearer T</c>, <c>Authorization: T</c>, <c>x-goog-api-key: T</c>, <c>x-api-key: T</c> or
    /// <c>?key=T</c>, in this order; <c>null</c> when there is none.
    /// </summary>
    public static string? FromRequest(HttpRequest request, bool keyInQuery)
    {
        var headers = request.Headers;
        return Strip(headers.Authorization)
            ?? Strip(headers["x-goog-api-key"])
            ?? Strip(headers["x-api-key"])
            ?? (keyInQuery ? Strip(request.Query["key"]) : null);
    }

    private static string? Strip(string? value)
    {
        if (value is null) return null;
        var token = value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(Bearer.Length).Trim() : value.AsSpan().Trim();
        return token.Length == 0 || token.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? null : token.ToString();
    }
}
