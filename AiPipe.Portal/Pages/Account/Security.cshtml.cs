using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>A person's password, and a new token in place of one that somebody saw.</summary>
public sealed class SecurityModel : PortalPage
{
    public CurrentUser Person { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) => Person = await Current.GetAsync(cancellationToken);

    public async Task<IActionResult> OnPostPasswordAsync(
        string? current, [Required(ErrorMessage = "Give a new password.")] string? @new, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangePasswordAsync(new PasswordRequest(current, @new!), cancellationToken), static param => param))
            return RedirectToSelf("Your password is changed.");
        await OnGetAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostTokenAsync(CancellationToken cancellationToken)
    {
        var token = (await Gateway.ResetTokenAsync(cancellationToken)).Token;
        await HttpContext.SignInAsync(User.Email()!, token);
        StatusMessage = "You have a new token. The old one, and what was granted to apps with it, no longer works.";
        return RedirectToPage("/Account/Index");
    }
}
