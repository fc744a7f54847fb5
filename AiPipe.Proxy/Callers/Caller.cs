using AiPipe.Proxy.Budgets;

namespace AiPipe.Proxy.Callers;

internal abstract record Caller
{
    private Caller() { }

    /// <summary>A person with an AI Pipe token: budgeted, metered and recorded.</summary>
    /// <param name="Email">In lower case: the key of budgets and of the ledger.</param>
    /// <param name="Allowance">The app that the token was issued for, if any; its limit applies besides the user's.</param>
    public sealed record User(string Email, bool IsAdmin, AppAllowance? Allowance) : Caller
    {
        public bool IsTeacher { get => field || IsAdmin; init; }
        /// <summary>The API key that was used; <c>null</c> = a token. A key cannot manage anything.</summary>
        public CallerKey? Key { get; init; }
        /// <summary>Replaces the user's budget (callers of an open route have none). <c>null</c> = the configured budget.</summary>
        public Budgets.Budget? Budget { get; init; }
        public Budgets.Spender Spender => new(Email, Budget, Allowance, Key);
    }

    /// <summary>A BYOK caller: the key is forwarded unchanged, without budget or cost.</summary>
    /// <param name="Key">The provider's key. Never logged, traced or echoed.</param>
    public sealed record Byok(string Key) : Caller
    {
        public override string ToString() => nameof(Byok);
    }
}
