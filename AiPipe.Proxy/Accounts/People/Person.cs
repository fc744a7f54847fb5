namespace AiPipe.Proxy.Accounts.People;

/// <summary>A person who signed in or was added: a row of <c>people</c>. Calls need a valid token only.</summary>
internal sealed record Person
{
    /// <summary>In characters.</summary>
    public const int MaxNameLength = 100;

    public required string Email { get; init; }
    public string? Name { get; init; }
    /// <summary>In the format of the framework's <c>PasswordHasher</c>; <c>null</c> = no password.</summary>
    public string? PasswordHash { get; init; }
    /// <summary><see cref="Callers.PersonState.Salt"/>.</summary>
    public string? Salt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSeenAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
    /// <summary>Where the person signed in, the latest first, as <c>PasswordGuesses</c> writes addresses.</summary>
    public IReadOnlyList<string> KnownPlaces { get; init; } = [];
}

/// <summary>A one-time sign-in link: a row of <c>sign_in_links</c>.</summary>
internal sealed record SignInLink
{
    /// <summary>SHA-256 of its code: reading the table does not help to use it.</summary>
    public required byte[] Hash { get; init; }
    public required string Email { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }
    /// <summary>The request that used it, see <see cref="Apps.AppCode.UsedBy"/>.</summary>
    public Guid? UsedBy { get; init; }
    public string? MadeBy { get; init; }
}
