namespace AiPipe.Contracts;

/// <summary>What a page of consent shows: <c>GET /login/check</c>. Money in USD.</summary>
/// <param name="Origin">The web app.</param>
/// <param name="SameOrigin">The app is a page of this gateway, which needs no consent.</param>
/// <param name="Denied">Where a person who declines goes on.</param>
/// <param name="Remembered">An earlier consent that makes a new one unnecessary.</param>
/// <param name="Limit">The proposed allowance.</param>
/// <param name="LimitMax">The person's own budget.</param>
/// <param name="Days">The proposed window in UTC days.</param>
/// <param name="ExpiresInDays">The proposed lifetime.</param>
public sealed record Consent(
    string Origin, bool SameOrigin, string Denied, RememberedGrant? Remembered, decimal Limit, decimal LimitMax, int Days,
    int ExpiresInDays);

/// <summary>An earlier consent.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Limit">Its allowance in USD.</param>
/// <param name="Days">Its window in UTC days.</param>
/// <param name="ExpiresAt">When it expires.</param>
public sealed record RememberedGrant(Guid Id, decimal Limit, int Days, DateTimeOffset ExpiresAt);

/// <summary>What a person consented to: <c>POST /grants</c>. Either <see cref="Redirect"/> or <see cref="Origin"/> is present.</summary>
public sealed record GrantRequest
{
    /// <summary>Where the person goes on, with the token or the code.</summary>
    public string? Redirect { get; init; }
    /// <summary><c>query</c> or <c>fragment</c>.</summary>
    public string? ResponseMode { get; init; }
    /// <summary>Returned to the app unchanged.</summary>
    public string? State { get; init; }
    /// <summary>The SHA-256 of the verifier in base64url (RFC 7636); with it the app receives a code instead of a token.</summary>
    public string? CodeChallenge { get; init; }
    /// <summary><c>S256</c>.</summary>
    public string? CodeChallengeMethod { get; init; }
    /// <summary>The allowance in USD.</summary>
    public decimal? Limit { get; init; }
    /// <summary>The allowance's window in UTC days.</summary>
    public int? Days { get; init; }
    /// <summary>The web app, for apps that receive the token without a redirect.</summary>
    public string? Origin { get; init; }
    /// <summary>The grant's lifetime.</summary>
    public int? ExpiresInDays { get; init; }
    /// <summary>Ask no more for this app while the grant lasts.</summary>
    public bool Remember { get; init; }
    /// <summary>Use this remembered grant instead of a new one.</summary>
    public Guid? Grant { get; init; }
}

/// <summary>A new grant. Either <paramref name="Token"/> or a code in <paramref name="Location"/> is present.</summary>
/// <param name="Token">The app's token.</param>
/// <param name="Email">The person.</param>
/// <param name="Id">The grant; absent for the gateway's own pages.</param>
/// <param name="Origin">The web app.</param>
/// <param name="SameOrigin">The app is a page of this gateway.</param>
/// <param name="Limit">The allowance in USD.</param>
/// <param name="Days">The allowance's window in UTC days.</param>
/// <param name="ExpiresAt">When the grant expires.</param>
/// <param name="Remembered">No consent is needed the next time.</param>
/// <param name="Location">Where the person goes on.</param>
public sealed record GrantResponse(
    string? Token, string Email, Guid? Id, string Origin, bool SameOrigin, decimal? Limit, int? Days, DateTimeOffset? ExpiresAt,
    bool? Remembered, string? Location)
{
    /// <summary>Never prints the token.</summary>
    public override string ToString() => $"{nameof(GrantResponse)} {Id}";
}

/// <summary>A person's own grants, the newest first: <c>GET /grants</c>.</summary>
/// <param name="Apps">Active, expired and revoked ones.</param>
public sealed record GrantList(IReadOnlyList<GrantInfo> Apps);

/// <summary>An allowance that a web app has. Money in USD.</summary>
/// <param name="Id">The id by which other requests name the grant.</param>
/// <param name="Origin">The web app.</param>
/// <param name="Limit">The allowance.</param>
/// <param name="Days">Its window in UTC days.</param>
/// <param name="Spent">What the app spent in the window, through any grant.</param>
/// <param name="Held">Reserved by calls in flight.</param>
/// <param name="Active">Neither expired nor revoked.</param>
/// <param name="Remembered">No consent is needed the next time.</param>
/// <param name="CreatedAt">When the person consented.</param>
/// <param name="ExpiresAt">When it expires.</param>
/// <param name="RevokedAt">When the person revoked it.</param>
public sealed record GrantInfo(
    Guid Id, string Origin, decimal Limit, int Days, decimal Spent, decimal Held, bool Active, bool Remembered,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>Exchanges a code for a token: <c>POST /login/token</c> (RFC 6749 §4.1.3, RFC 7636 §4.5), as JSON or as a form.</summary>
/// <param name="GrantType"><c>authorization_code</c>.</param>
/// <param name="Code">From the redirect's query or fragment.</param>
/// <param name="RedirectUri">The same address as in the request for the code.</param>
/// <param name="CodeVerifier">The text whose hash was the challenge.</param>
public sealed record CodeExchangeRequest(string? GrantType, string? Code, string? RedirectUri, string? CodeVerifier)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(CodeExchangeRequest);
}

/// <summary>The app's token (RFC 6749 §5.1).</summary>
/// <param name="AccessToken">The token.</param>
/// <param name="TokenType"><c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Email">The person.</param>
/// <param name="AipipeToken">The token again, by the name that AI Pipe's pages know.</param>
public sealed record CodeExchangeResponse(string AccessToken, string TokenType, long ExpiresIn, string Email, string AipipeToken)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(CodeExchangeResponse);
}
