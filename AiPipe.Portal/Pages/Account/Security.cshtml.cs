using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>Changes a person's password or replaces their token.</summary>
public sealed class SecurityModel : PortalPage
{
    public CurrentUser Person { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) => Person = await Current.GetAsync(cancellationToken);

    public async Task<IActionResult> OnPostPasswordAsync(
        string? current, [Required(ErrorMessage = "Enter a new password.")] string? @new, CancellationToken cancellationToken)
    {
        var change = new PasswordRequest(current, @new!);
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangePasswordAsync(change, cancellationToken), static param => param))
        {
            // The change has ended every session, this one included.
            var signedIn = await TryAsync(async () =>
            {
                var person = await Gateway.SignInAsync(new SignInRequest(User.Email(), Password: @new), cancellationToken);
                await HttpContext.SignInAsync(person.Email, person.Token);
            });
            return signedIn
                ? RedirectToSelf("Your password is changed. You are signed out everywhere else.") : RedirectToPage("/Login/Index");
        }
        await OnGetAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostTokenAsync(CancellationToken cancellationToken)
    {
        var token = (await Gateway.ResetTokenAsync(cancellationToken)).Token;
        await HttpContext.SignInAsync(User.Email()!, token);
        StatusMessage = "You have a new token. The old token and the tokens of web apps no longer work.";
        return RedirectToPage("/Account/Index");
    }
}
