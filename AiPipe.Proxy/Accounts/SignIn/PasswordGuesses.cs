using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.RateLimits;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>
/// Limits wrong passwords per name and network address, and the addresses that guess at one name. A person who signed in before from an
/// address is not limited there, so that guesses of others do not lock the person out.
/// </summary>
internal sealed class PasswordGuesses(IRateLimiter limiter, IOptions<TokenOptions> tokens)
{
    /// <summary>Wrong passwords per minute, for one name from one address.</summary>
    public const int PerAddress = 10;

    /// <summary>Addresses per minute that guess at one name.</summary>
    public const int AddressesPerName = 10;

    private const int PlaceBytes = 16;

    // Counted as tokens, because they can be returned.
    private static readonly RateLimit OfAddress = new(0, PerAddress);
    private static readonly RateLimit OfName = new(0, AddressesPerName);

    /// <summary>Counts an attempt as wrong until <see cref="Attempt.IsRight"/>.</summary>
    /// <param name="person"><c>null</c> = unknown.</param>
    public async ValueTask<(Attempt Attempt, Refusal? Refusal)> TakeAsync(string email, string address, Person? person)
    {
        if (person?.KnownPlaces.Contains(PlaceOf(email, address), StringComparer.Ordinal) is true) return default;
        RateScope[] here = [new($"password:{address} {email}", OfAddress, "password")];
        var take = await limiter.TakeAsync(here, tokens: 1);
        if (!take.IsTaken) return (default, TooOften(take));
        // Later guesses from the same address count only there.
        if (take.Levels[0].Tokens > RateBucket.Unit) return (new Attempt(take.By, here), null);
        RateScope[] everywhere = [new($"password:{email}", OfName, "password")];
        var other = await limiter.TakeAsync(everywhere, tokens: 1);
        return other.IsTaken ? (new Attempt(take.By, [.. here, .. everywhere]), null) : (default, TooOften(other));
    }

    /// <summary>The form in which a person's address is stored: it cannot be read from the table.</summary>
    public string PlaceOf(string email, string address) => Convert.ToHexStringLower(
        HMACSHA256.HashData(tokens.Value.Secret, Encoding.UTF8.GetBytes($"place {email} {address}")).AsSpan(0, PlaceBytes));

    private static Refusal TooOften(RateTake take) =>
        Refusal.RateLimited("Too many requests. Slow down.", TimeSpan.FromMilliseconds(take.Wait));

    /// <summary>An attempt, and where it was counted; nowhere for a known place.</summary>
    internal readonly record struct Attempt(IRateLimiter? By, IReadOnlyList<RateScope>? Scopes)
    {
        public void IsRight()
        {
            if (Scopes is { } scopes) By!.Debit(scopes, -1);
        }
    }
}
