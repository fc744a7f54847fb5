namespace AiPipe.Proxy.Budgets;

/// <summary>Whose budgets a call is charged to.</summary>
/// <param name="Email">The user's address in lower case, or the name for callers of an open route.</param>
/// <param name="Budget">Replaces the configured budget; <c>null</c> = the configured one.</param>
internal readonly record struct Spender(string Email, Budget? Budget, AppAllowance? App, CallerKey? Key);

/// <summary>A user's API key.</summary>
/// <param name="Budget">The key's own limit; <c>null</c> = none.</param>
internal sealed record CallerKey(Guid Id, Budget? Budget);
