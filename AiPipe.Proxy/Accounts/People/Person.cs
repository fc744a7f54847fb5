namespace AiPipe.Proxy.Accounts.People;

/// <summary>
/// Somebody who signed in here, or whom an admin added: a row of <c>people</c>. Nobody needs one to make calls: a token that is signed by
/// our secret is enough.
/// </summary>
internal sealed record Person
{
    /// <summary>The longest name that is kept, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>In lower case.</summary>
    public required string Email { get; init; }
    public string? Name { get; init; }
    /// <summary>As the framework's <c>PasswordHasher</c> writes it; <c>null</c> = no password.</summary>
    public string? PasswordHash { get; init; }
    /// <summary><see cref="Callers.PersonState.Salt"/>.</summary>
    public string? Salt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When they last signed in.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>A one-time link by which somebody signs in: a row of <c>sign_in_links</c>.</summary>
internal sealed record SignInLink
{
    /// <summary>SHA-256 of its code: who reads the table cannot use it.</summary>
    public required byte[] Hash { get; init; }
    /// <summary>Whom it signs in.</summary>
    public required string Email { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }
    /// <summary>Which question used it, as of <see cref="Apps.AppCode.UsedBy"/>.</summary>
    public Guid? UsedBy { get; init; }
    /// <summary>The admin's address; <c>null</c> = the first start.</summary>
    public string? MadeBy { get; init; }
}
