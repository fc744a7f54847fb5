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

    /// <summary>Runs a request. An error about a field of the form is shown at that field, any other as <see cref="Problem"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fieldOf">Maps a field of the API to the form's; <c>null</c> where the form has none.</param>
    /// <returns>Whether it succeeded.</returns>
    private protected async Task<bool> TryAsync(Func<Task> request, Func<string, string?>? fieldOf = null)
    {
        try
        {
            await request();
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

    /// <summary>Redirects to the same page, so that a reload does not send the form again.</summary>
    private protected RedirectToPageResult RedirectToSelf(string message, object? route = null)
    {
        StatusMessage = message;
        return RedirectToPage(null, null, route);
    }
}
