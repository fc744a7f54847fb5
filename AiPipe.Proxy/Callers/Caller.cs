using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Callers;

/// <summary>Who makes this request.</summary>
internal abstract record Caller
{
    private Caller() { }

    /// <summary>A person with an AI Pipe token: on a budget, metered, written down.</summary>
    /// <param name="Email">The user's address in lower case: the key of budgets and of the ledger.</param>
    /// <param name="IsAdmin">May use <c>/admin</c>.</param>
    /// <param name="Allowance">The app that the token was made for, if any; its limit holds besides the user's own.</param>
    public sealed record User(string Email, bool IsAdmin, AppAllowance? Allowance) : Caller
    {
        /// <summary>May run classes; admins may, too.</summary>
        public bool IsTeacher { get => field || IsAdmin; init; }
        /// <summary>The API key that was presented; <c>null</c> = a token. Who has only a key manages nothing.</summary>
        public CallerKey? Key { get; init; }
        /// <summary>What stands for the user's own budget: callers of an open route are nobody whom a budget names. <c>null</c> = nothing.</summary>
        public Budgets.Budget? Budget { get; init; }
        /// <summary>Whose budgets the calls are charged to.</summary>
        public Budgets.Spender Spender => new(Email, Budget, Allowance, Key);
    }

    /// <summary>Somebody who brought the provider's own key: forwarded as it is, no budget, no cost.</summary>
    /// <param name="Key">The provider's key. Never logged, traced or echoed.</param>
    public sealed record Byok(string Key) : Caller
    {
        /// <summary>Never prints the key.</summary>
        public override string ToString() => nameof(Byok);
    }
}
