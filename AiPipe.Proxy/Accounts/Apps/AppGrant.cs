using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>A person lets a web app spend a slice of their budget: a row of <c>app_grants</c>.</summary>
internal sealed record AppGrant
{
    /// <summary>The <c>jti</c> of every token that is made for it.</summary>
    public required Guid Id { get; init; }
    /// <summary>The person's address.</summary>
    public required string User { get; init; }
    /// <summary>The app, as its browser names it: <c>https://app.example</c>.</summary>
    public required string Origin { get; init; }
    /// <summary>What the app may spend …</summary>
    public required PicoUsd Limit { get; init; }
    /// <summary>… over so many UTC dates.</summary>
    public required int Days { get; init; }
    /// <summary>The app gets new tokens without a question.</summary>
    public required bool Remembered { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>By Postgres's clock, since replicas look for the newest ones.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    public AppAllowance Allowance => new(Origin, Limit.ToUsd(), Days);

    public bool IsActiveAt(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now;
}

/// <summary>A code that an app exchanges for its token, once: a row of <c>app_codes</c>.</summary>
internal sealed record AppCode
{
    /// <summary>SHA-256 of the code: who reads the table cannot use it.</summary>
    public required byte[] Hash { get; init; }
    public required Guid GrantId { get; init; }
    /// <summary>Where the person was sent with it (<see cref="RedirectAddress.Text"/>).</summary>
    public required string Redirect { get; init; }
    public required string Challenge { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }
    /// <summary>Which question used it: one whose answer Postgres lost to us is asked again, and is still the first.</summary>
    public Guid? UsedBy { get; init; }
}
