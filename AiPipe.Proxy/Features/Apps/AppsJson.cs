using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Features.Apps;

/// <summary>What a person agreed to.</summary>
internal sealed record GrantRequest : AuthorizationRequest
{
    /// <summary>The app, where nobody is to be sent back to it.</summary>
    public string? Origin { get; init; }
    public int? ExpiresInDays { get; init; }
    public bool Remember { get; init; }
    /// <summary>Go on with this remembered grant instead of a new one.</summary>
    public Guid? Grant { get; init; }
}

/// <summary>The answer to it. Of <c>token</c> and a code in <c>location</c> there is one.</summary>
internal sealed record Granted(
    string? Token, string Email, Guid? Id, string Origin, bool SameOrigin, decimal? Limit, int? Days, DateTimeOffset? ExpiresAt, bool? Remembered, string? Location);

/// <summary>One's own grants, the newest first.</summary>
internal sealed record GrantList(IReadOnlyList<ListedGrant> Apps);

/// <summary>A grant, and what its app spent of it in the last <c>days</c> UTC dates, through whatever grant. Money in USD.</summary>
internal sealed record ListedGrant(
    Guid Id, string Origin, decimal Limit, int Days, decimal Spent, decimal Held, bool Active, bool Remembered,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>What a page of consent shows.</summary>
/// <param name="Origin">Whom the person is asked about.</param>
/// <param name="SameOrigin">It is ourselves: there is no question.</param>
/// <param name="Denied">Where a person who says no goes on.</param>
/// <param name="Remembered">With this grant there is no question.</param>
/// <param name="Limit">Proposed, in USD.</param>
/// <param name="LimitMax">The person's own budget.</param>
/// <param name="Days">Proposed.</param>
/// <param name="ExpiresInDays">Proposed.</param>
internal sealed record Consent(
    string Origin, bool SameOrigin, string Denied, RememberedGrant? Remembered, decimal Limit, decimal LimitMax, int Days, int ExpiresInDays);

internal sealed record RememberedGrant(Guid Id, decimal Limit, int Days, DateTimeOffset ExpiresAt);

/// <summary>An exchange of a code, RFC 6749 §4.1.3 and RFC 7636 §4.5.</summary>
internal sealed record TokenRequest(string? GrantType, string? Code, string? RedirectUri, string? CodeVerifier);

/// <summary>Its answer, RFC 6749 §5.1; the last field has the name that pages know.</summary>
internal sealed record ExchangedToken(string AccessToken, string TokenType, long ExpiresIn, string Email, string AipipeToken);

[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(Granted))]
[JsonSerializable(typeof(GrantList))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(ExchangedToken))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false, WriteIndented = true)]
internal sealed partial class AppsJson : JsonSerializerContext;
