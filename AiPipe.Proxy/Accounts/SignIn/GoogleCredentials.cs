using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using Google.Apis.Auth;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Verifies Google's credentials: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token.</summary>
internal sealed partial class GoogleCredentials(IOptions<SignInOptions> options, ILogger<GoogleCredentials> logger)
{
    private static readonly string[] Issuers = ["https://accounts.google.com", "accounts.google.com"];

    public async Task<(GoogleJsonWebSignature.Payload? Person, Refusal? Refusal)> CheckAsync(
        string? credential, CancellationToken cancellationToken)
    {
        var current = options.Value;
        if (!current.Google) return (null, Refusal.SignInNotConfigured("Google", "The administrator turned it off."));
        if (string.IsNullOrEmpty(current.GoogleClientId)) return (
            null, Refusal.SignInNotConfigured("Google", "The administrator sets GOOGLE_CLIENT_ID."));
        if (string.IsNullOrEmpty(credential)) return (null, Refusal.TokenInvalid("the parameter \"credential\" is missing"));
        if (credential.Length > Jwt.MaxLength || !Jwt.LooksLike(credential)) return (
            null, Refusal.TokenInvalid("it is not a Google credential"));

        GoogleJsonWebSignature.Payload? person;
        try
        {
            person = await VerifyAsync(credential, current, cancellationToken);
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, Refusal.UpstreamUnreachable("Google"));
        }
        if (person is null)
            return (null, Refusal.TokenInvalid("Google's credential has expired, was made for another site or is not Google's"));
        if (!person.EmailVerified || !Email.IsUsable(person.Email)) return (
            null, Refusal.TokenInvalid("Google has not verified its address"));
        return current.RefusalOf(person.Email) is { } notHere ? (null, notHere) : (person, null);
    }

    private async Task<GoogleJsonWebSignature.Payload?> VerifyAsync(
        string credential, SignInOptions current, CancellationToken cancellationToken)
    {
        var verification = new SignedTokenVerificationOptions { CertificatesUrl = current.GoogleCertificatesUrl };
        verification.TrustedAudiences.Add(current.GoogleClientId);
        foreach (var issuer in Issuers) verification.TrustedIssuers.Add(issuer);
        try
        {
            return await JsonWebSignature.VerifySignedTokenAsync<GoogleJsonWebSignature.Payload>(
                credential, verification, cancellationToken);
        }
        // For malformed text, the library throws more than its documented exception.
        catch (Exception e) when (e is InvalidJwtException or FormatException or ArgumentException or Newtonsoft.Json.JsonException)
        {
            Log.Refused(logger, e.GetType().Name);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Refused an invalid Google credential: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
