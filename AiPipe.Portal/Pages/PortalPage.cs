using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AiPipe.Portal.Pages;

/// <summary>The base of pages that use the gateway.</summary>
public abstract class PortalPage : PageModel
{
    /// <summary>What a form has done, shown once on the next page.</summary>
    [TempData]
    public string? StatusMessage { get; set; }

    /// <summary>Why the gateway refused a form, shown above it.</summary>
    public string? Problem { get; private set; }

    private protected CurrentPerson Current => HttpContext.RequestServices.GetRequiredService<CurrentPerson>();

    private protected GatewayClient Gateway => HttpContext.RequestServices.GetRequiredService<GatewayClient>();

    /// <summary>Runs a request; an error of the gateway becomes <see cref="Problem"/> and the response's status.</summary>
    /// <returns>Whether it succeeded.</returns>
    private protected async Task<bool> TryAsync(Func<Task> request)
    {
        try
        {
            await request();
            return true;
        }
        catch (GatewayException error) when (!error.RequiresSignIn || User.Token() is null)
        {
            Response.StatusCode = error.Status;
            Problem = error.Message;
            return false;
        }
    }

    /// <summary>Redirects to the same page, so that a reload does not send the form again.</summary>
    private protected RedirectToPageResult RedirectToSelf(string message, object? route = null)
    {
        StatusMessage = message;
        return RedirectToPage(null, null, route);
    }
}
