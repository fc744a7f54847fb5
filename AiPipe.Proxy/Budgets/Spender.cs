namespace AiPipe.Proxy.Budgets;

/// <summary>Whose budgets a call is charged to.</summary>
/// <param name="Email">The user's address in lower case, or the name of the callers of an open route.</param>
/// <param name="Budget">A budget instead of the configured one; <c>null</c> = the configured one.</param>
/// <param name="App">The app that calls for the user; <c>null</c> = none.</param>
/// <param name="Key">The API key that was presented; <c>null</c> = none.</param>
internal readonly record struct Spender(string Email, Budget? Budget, AppAllowance? App, CallerKey? Key);

/// <summary>An API key of a user's.</summary>
/// <param name="Id">What it is called in the ledger and in its counter's name.</param>
/// <param name="Budget">What may be spent with it; <c>null</c> = all that the user may spend.</param>
internal sealed record CallerKey(Guid Id, Budget? Budget);

/// <summary>A part of a user's budget, lent to a web app (contract §8).</summary>
/// <param name="Origin">The app's web origin, the token's <c>aud</c>.</param>
/// <param name="Limit">USD; <c>null</c> when the token names none.</param>
/// <param name="Days">The window in UTC days.</param>
internal sealed record AppAllowance(string Origin, decimal? Limit, int Days)
{
    /// <summary>
    /// Longer than any web origin, in characters. It is part of a counter's name, and Postgres takes no key of more than 2,704 bytes:
    /// one that is longer would keep everybody's entries from being written.
    /// </summary>
    public const int MaxOriginLength = 300;
}
