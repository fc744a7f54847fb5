using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>A person's consent that a web app may spend a part of their budget: a row of <c>app_grants</c>.</summary>
internal sealed record AppGrant
{
    /// <summary>The <c>jti</c> of every token of this grant.</summary>
    public required Guid Id { get; init; }
    public required string User { get; init; }
    public required string Origin { get; init; }
    public required PicoUsd Limit { get; init; }
    public required int Days { get; init; }
    /// <summary>The app gets new tokens without asking again, at <see cref="Redirect"/>.</summary>
    public required bool Remembered { get; init; }
    /// <summary>The exact address that the person was sent to; <c>null</c> for grants of earlier versions, which ask again.</summary>
    public string? Redirect { get; init; }
    /// <summary>The app has used PKCE; redirects with a token need consent again.</summary>
    public bool UsesCode { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>By Postgres's clock, because replicas poll for newer rows.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    public AppAllowance Allowance => new(Origin, Limit.ToUsd(), Days);

    public bool IsActiveAt(DateTimeOffset now) => RevokedAt is null && ExpiresAt > now;

    /// <summary>True if the person's consent covers another response to the app without asking again.</summary>
    public bool Covers(AppReturn goal) => Remembered && Origin == goal.To.Origin.Text && Redirect == goal.To.Text
        && (!UsesCode || goal.Challenge is not null);
}

/// <summary>A one-time code that an app exchanges for its token: a row of <c>app_codes</c>.</summary>
internal sealed record AppCode
{
    /// <summary>SHA-256 of the code: reading the table does not help to use it.</summary>
    public required byte[] Hash { get; init; }
    public required Guid GrantId { get; init; }
    public required string Redirect { get; init; }
    public required string Challenge { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }
    /// <summary>The request that used it: a retry after a lost response from Postgres still counts as the first.</summary>
    public Guid? UsedBy { get; init; }
}
