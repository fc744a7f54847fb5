using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Signs people in by password or one-time link. The refusal never tells which part is wrong.</summary>
internal sealed class SigningIn(
    PeopleRows people, SignInLinks links, Passwords passwords, StateRefresher refresher, TokenIssuer tokens,
        IOptions<SignInOptions> options,
    PasswordGuesses guesses)
{
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(3);

    public async Task<(SignInResponse? Person, Refusal? Refusal)> ByPasswordAsync(
        string name, string password, string address, CancellationToken cancellationToken)
    {
        var current = options.Value;
        if (!current.Passwords) return (null, PasswordsOff());
        if (!Email.IsUsable(name)) return (null, WrongPassword());
        var email = Email.Normalize(name);
        if (current.RefusalOf(email) is { } notHere) return (null, notHere);
        var person = await people.FindAsync(email, cancellationToken);
        if (await RefuseAsync(email, person, password, address, cancellationToken) is { } wrong) return (null, wrong);
        return await SignedInAsync(email, person, address, method: null, cancellationToken);
    }

    public async Task<(SignInResponse? Person, Refusal? Refusal)> ByLinkAsync(
        string code, string address, CancellationToken cancellationToken)
    {
        if (await links.RedeemAsync(code, cancellationToken) is not { } email) return (
            null, Refusal.CredentialsWrong("The link was used before, has expired or"));
        return await SignedInAsync(
            email, await people.FindAsync(email, cancellationToken), address, TokenPayload.ByLink, cancellationToken);
    }

    /// <summary>Sets or changes a password. A change ends all sessions and tokens of the person.</summary>
    /// <param name="method">How the person signed in a moment ago; <c>null</c> if longer ago.</param>
    public async Task<Refusal?> ChangePasswordAsync(
        string email, PasswordRequest change, string? method, string address, CancellationToken cancellationToken)
    {
        if (!options.Value.Passwords) return PasswordsOff();
        if (PasswordRules.Check(change.New, email) is { } unfit) return unfit with { Param = "new" };
        var person = await people.FindAsync(email, cancellationToken);
        var old = person?.PasswordHash;
        if (old is null && method is not (TokenPayload.ByLink or TokenPayload.ByGoogle)) return Refusal.SignInAgain();
        if (old is not null && method != TokenPayload.ByLink
            && await RefuseAsync(email, person, change.Current ?? "", address, cancellationToken) is { } wrong) return wrong;
        if (await passwords.HashAsync(change.New!, cancellationToken) is not { } hash) return Busy();
        // Of two concurrent changes, the second has an outdated current password.
        if (!await people.SetPasswordAsync(email, hash, old, cancellationToken)) return WrongPassword();
        if (old is not null) await people.ResetAsync(email, cancellationToken);
        return null;
    }

    private async Task<Refusal?> RefuseAsync(
        string email, Person? person, string password, string address, CancellationToken cancellationToken)
    {
        var (attempt, tooOften) = await guesses.TakeAsync(email, address, person);
        if (tooOften is not null) return tooOften;
        if (password.Length is 0 or > PasswordRules.MaxLength) return WrongPassword();
        var hash = person?.PasswordHash;
        switch (await passwords.CheckAsync(hash, password, cancellationToken))
        {
            case null: return Busy();
            case PasswordVerificationResult.Failed: return WrongPassword();
            case PasswordVerificationResult.SuccessRehashNeeded when await passwords.HashAsync(password, cancellationToken) is { } better:
                await people.SetPasswordAsync(email, better, hash, cancellationToken);
                attempt.IsRight();
                return null;
            default:
                attempt.IsRight();
                return null;
        }
    }

    private async Task<(SignInResponse?, Refusal?)> SignedInAsync(
        string email, Person? person, string address, string? method, CancellationToken cancellationToken)
    {
        if (person?.DisabledAt is not null) return (null, Refusal.AccountDisabled());
        await people.SeenAsync(email, name: null, guesses.PlaceOf(email, address), cancellationToken);
        // Reads a salt that another replica may have set a second ago, without which the new token would be invalid.
        await refresher.CatchUpAsync(cancellationToken);
        return (new SignInResponse(tokens.Issue(email, method: method), email, Name: person?.Name), null);
    }

    private static Refusal WrongPassword() => Refusal.CredentialsWrong("The name or the password");

    private static Refusal PasswordsOff() => Refusal.SignInNotConfigured("a password", "The administrator turned it off.");

    public static Refusal Busy() =>
        Refusal.RateLimited("Too many people are signing in at the moment. Try again in a few seconds.", BusyRetry);
}
