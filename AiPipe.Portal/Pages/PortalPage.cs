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

    /// <summary>Does what a form asks for. An error about a field of the form is told at the field, any other as <see cref="Problem"/>.</summary>
    /// <param name="doing">What the form asks for.</param>
    /// <param name="fieldOf">The form's field for the name of a field of the API; <c>null</c> where the form has none.</param>
    /// <returns>Whether it was done.</returns>
    private protected async Task<bool> TryAsync(Func<Task> doing, Func<string, string?>? fieldOf = null)
    {
        try
        {
            await doing();
            return true;
        }
        catch (GatewayException error) when (!error.RequiresSignIn || User.Token() is null)
        {
            Response.StatusCode = error.Status;
            if (error.Param is { } param && fieldOf?.Invoke(param) is { } field) ModelState.AddModelError(field, error.Message);
            else Problem = error.Message;
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
