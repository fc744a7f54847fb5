using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Signs people in by password or one-time link. The refusal never tells which part is wrong.</summary>
internal sealed class SigningIn(
    PeopleRows people, SignInLinks links, Passwords passwords, StateRefresher refresher, TokenIssuer tokens, IOptions<SignInOptions> options,
    [FromKeyedServices(SigningIn.Names)] PerMinuteLimit names)
{
    public const string Names = "password";
    public const int GuessesPerMinute = 10;

    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(3);

    public async Task<(SignInResponse? Person, Refusal? Refusal)> ByPasswordAsync(
        string name, string password, CancellationToken cancellationToken)
    {
        var current = options.Value;
        if (!current.Passwords) return (null, PasswordsOff());
        if (!Email.IsUsable(name)) return (null, WrongPassword());
        var email = Email.Normalize(name);
        if (current.RefusalOf(email) is { } notHere) return (null, notHere);
        var person = await people.FindAsync(email, cancellationToken);
        if (await RefuseAsync(email, person?.PasswordHash, password, cancellationToken) is { } wrong) return (null, wrong);
        return await SignedInAsync(email, person, method: null, cancellationToken);
    }

    public async Task<(SignInResponse? Person, Refusal? Refusal)> ByLinkAsync(string code, CancellationToken cancellationToken)
    {
        if (await links.RedeemAsync(code, cancellationToken) is not { } email) return (
            null, Refusal.CredentialsWrong("The link was used before, has expired or"));
        return await SignedInAsync(email, await people.FindAsync(email, cancellationToken), TokenPayload.ByLink, cancellationToken);
    }

    /// <summary>Changes a password.</summary>
    public async Task<Refusal?> ChangePasswordAsync(
        string email, PasswordRequest change, bool cameByLink, CancellationToken cancellationToken)
    {
        if (!options.Value.Passwords) return PasswordsOff();
        if (PasswordRules.Check(change.New, email) is { } unfit) return unfit with { Param = "new" };
        var old = (await people.FindAsync(email, cancellationToken))?.PasswordHash;
        if (old is not null && !cameByLink
            && await RefuseAsync(email, old, change.Current ?? "", cancellationToken) is { } wrong) return wrong;
        if (await passwords.HashAsync(change.New!, cancellationToken) is not { } hash) return Busy();
        // Of two concurrent changes, the second has an outdated current password.
        return await people.SetPasswordAsync(email, hash, old, cancellationToken) ? null : WrongPassword();
    }

    private async Task<Refusal?> RefuseAsync(string email, string? hash, string password, CancellationToken cancellationToken)
    {
        if (await names.TakeAsync(email) is { } tooOften) return tooOften;
        if (password.Length is 0 or > PasswordRules.MaxLength) return WrongPassword();
        switch (await passwords.CheckAsync(hash, password, cancellationToken))
        {
            case null: return Busy();
            case PasswordVerificationResult.Failed: return WrongPassword();
            case PasswordVerificationResult.SuccessRehashNeeded when await passwords.HashAsync(password, cancellationToken) is { } better:
                await people.SetPasswordAsync(email, better, hash, cancellationToken);
                return null;
            default: return null;
        }
    }

    private async Task<(SignInResponse?, Refusal?)> SignedInAsync(
        string email, Person? person, string? method, CancellationToken cancellationToken)
    {
        if (person?.DisabledAt is not null) return (null, Refusal.AccountDisabled());
        await people.SeenAsync(email, name: null, cancellationToken);
        // Reads a salt that another replica may have set a second ago, without which the new token would be invalid.
        await refresher.CatchUpAsync(cancellationToken);
        return (new SignInResponse(tokens.Issue(email, method: method), email, Name: person?.Name), null);
    }

    private static Refusal WrongPassword() => Refusal.CredentialsWrong("The name or the password");

    private static Refusal PasswordsOff() => Refusal.SignInNotConfigured("a password", "The administrator turned it off.");

    public static Refusal Busy() =>
        Refusal.RateLimited("Too many people are signing in at the moment. Try again in a few seconds.", BusyRetry);
}
