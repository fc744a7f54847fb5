namespace AiPipe.Proxy.Budgets;

/// <summary>A part of a user's budget that a web app may spend (contract §8).</summary>
/// <param name="Origin">The app's web origin, the token's <c>aud</c>.</param>
/// <param name="Limit">USD; <c>null</c> if the token has none.</param>
/// <param name="Days">The window in UTC days.</param>
internal sealed record AppAllowance(string Origin, decimal? Limit, int Days)
{
    /// <summary>
    /// The name of the allowance of a token with a limit that is bound to no web app. Origins have a scheme, so no app has it.
    /// </summary>
    public const string AnyApp = "token";

    /// <summary>In characters. Part of a counter's key: Postgres rejects keys above 2,704 bytes with the whole group.</summary>
    public const int MaxOriginLength = 300;
}
