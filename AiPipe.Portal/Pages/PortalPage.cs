using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AiPipe.Portal.Pages;

/// <summary>What all pages have: the gateway, the moment a form's answer is told, and what a form did wrong.</summary>
public abstract class PortalPage : PageModel
{
    /// <summary>Told once on the next page: what a form has done.</summary>
    [TempData]
    public string? StatusMessage { get; set; }

    /// <summary>What the gateway said no to, shown above the form.</summary>
    public string? Problem { get; private set; }

    private protected CurrentPerson Current => HttpContext.RequestServices.GetRequiredService<CurrentPerson>();

    private protected GatewayClient Gateway => HttpContext.RequestServices.GetRequiredService<GatewayClient>();

    /// <summary>Does what a form asks for; what the gateway says no to becomes <see cref="Problem"/>.</summary>
    /// <returns>Whether it was done.</returns>
    private protected async Task<bool> TryAsync(Func<Task> doing)
    {
        try
        {
            await doing();
            return true;
        }
        catch (GatewayException error) when (!error.RequiresSignIn || User.Token() is null)
        {
            Response.StatusCode = error.Status;
            Problem = error.Message;
            return false;
        }
    }

    /// <summary>The same page anew, so that reloading it does not do the same again.</summary>
    private protected RedirectToPageResult RedirectToSelf(string done, object? route = null)
    {
        StatusMessage = done;
        return RedirectToPage(null, null, route);
    }
}
