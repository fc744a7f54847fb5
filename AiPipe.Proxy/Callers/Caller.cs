using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Callers;

/// <summary>Who makes this request.</summary>
internal abstract record Caller
{
    private Caller() { }

    /// <summary>A person with an AI Pipe token: on a budget, metered, written down.</summary>
    /// <param name="Email">The user's address in lower case: the key of budgets and of the ledger.</param>
    /// <param name="IsAdmin">May use <c>/admin</c>.</param>
    /// <param name="Slice">The app that the token was made for, if any; its limit holds besides the user's own.</param>
    public sealed record User(string Email, bool IsAdmin, AppSlice? Slice) : Caller
    {
        /// <summary>May run classes; admins may, too.</summary>
        public bool IsTeacher { get => field || IsAdmin; init; }
        /// <summary>The API key that was presented; <c>null</c> = a token. Who has only a key manages nothing.</summary>
        public CallerKey? Key { get; init; }
        /// <summary>What stands for the user's own budget: callers of an open route are nobody whom a budget names. <c>null</c> = nothing.</summary>
        public Budgets.Budget? Budget { get; init; }
    }

    /// <summary>Somebody who brought the provider's own key: forwarded as it is, no budget, no cost.</summary>
    /// <param name="Key">The provider's key. Never logged, traced or echoed.</param>
    public sealed record OwnKey(string Key) : Caller
    {
        /// <summary>Never prints the key.</summary>
        public override string ToString() => nameof(OwnKey);
    }
}

/// <summary>An API key of a user's.</summary>
/// <param name="Id">What it is called in the ledger and in its counter's name.</param>
/// <param name="Budget">What may be spent with it; <c>null</c> = all that the user may spend.</param>
internal sealed record CallerKey(Guid Id, Budgets.Budget? Budget);

/// <summary>A part of a user's budget, lent to a web app (contract §8).</summary>
/// <param name="Origin">The app's web origin, the token's <c>aud</c>.</param>
/// <param name="Limit">USD; <c>null</c> when the token names none.</param>
/// <param name="Days">The window in UTC days.</param>
internal sealed record AppSlice(string Origin, decimal? Limit, int Days)
{
    /// <summary>
    /// Longer than any web origin, in characters. It is part of a counter's name, and Postgres takes no key of more than 2,704 bytes:
    /// one that is longer would keep everybody's entries from being written.
    /// </summary>
    public const int MaxOriginLength = 300;
}
