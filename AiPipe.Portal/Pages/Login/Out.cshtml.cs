using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Login;

/// <summary>Ends the session of this browser, and of every copy of its cookie. Tokens stay valid.</summary>
[Authorize(Policy = PortalCookie.Anyone)]
public sealed class OutModel : PortalPage
{
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (User.Token() is not null) await Gateway.EndSessionAsync(cancellationToken);
        }
        catch (GatewayException)
        {
            // This browser is signed out all the same.
        }
        await HttpContext.SignOutAsync();
        return RedirectToPage("/Index");
    }
}
