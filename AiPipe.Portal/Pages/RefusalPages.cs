using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace AiPipe.Portal.Pages;

/// <summary>What a page answers when the gateway says no to what it cannot do without: a page that says why, or the sign-in.</summary>
internal sealed class RefusalPages(IModelMetadataProvider metadata) : IAsyncExceptionFilter
{
    public async Task OnExceptionAsync(ExceptionContext context)
    {
        if (context.Exception is not GatewayRefusal refusal) return;
        context.ExceptionHandled = true;
        if (refusal.AsksForSignIn)
        {
            // The token behind the cookie has ended: reset, revoked, or signed with another secret.
            await context.HttpContext.SignOutAsync();
            var here = context.HttpContext.Request.Path + context.HttpContext.Request.QueryString;
            context.Result = new RedirectResult("/login?return=" + Uri.EscapeDataString(here));
            return;
        }
        context.Result = new ViewResult
        {
            ViewName = "/Pages/Shared/Refused.cshtml",
            StatusCode = refusal.Status,
            ViewData = new ViewDataDictionary<GatewayRefusal>(metadata, new ModelStateDictionary()) { Model = refusal },
        };
    }
}
