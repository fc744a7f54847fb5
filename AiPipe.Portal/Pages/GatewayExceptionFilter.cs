using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace AiPipe.Portal.Pages;

/// <summary>Turns gateway errors that a page did not handle into the error page or a redirect to the sign-in page.</summary>
internal sealed class GatewayExceptionFilter(IModelMetadataProvider metadata) : IAsyncExceptionFilter
{
    public async Task OnExceptionAsync(ExceptionContext context)
    {
        if (context.Exception is not GatewayException error) return;
        context.ExceptionHandled = true;
        if (error.RequiresSignIn)
        {
            // The token in the cookie was reset or revoked, has expired, or was signed with another secret.
            await context.HttpContext.SignOutAsync();
            var here = context.HttpContext.Request.Path + context.HttpContext.Request.QueryString;
            context.Result = new RedirectResult("/login?return=" + Uri.EscapeDataString(here));
            return;
        }
        context.Result = new ViewResult
        {
            ViewName = "/Pages/Shared/Error.cshtml",
            StatusCode = error.Status,
            ViewData = new ViewDataDictionary<GatewayException>(metadata, new ModelStateDictionary()) { Model = error },
        };
    }
}
