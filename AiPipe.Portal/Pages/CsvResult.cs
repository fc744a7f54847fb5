using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AiPipe.Portal.Pages;

/// <summary>A table of the gateway's as a download, passed on as it comes.</summary>
internal static class CsvResult
{
    public static async Task<IActionResult> CsvAsync(
        this PageModel page, Func<CancellationToken, Task<HttpResponseMessage>> asking, string name, CancellationToken cancellationToken)
    {
        var answer = await asking(cancellationToken);
        page.HttpContext.Response.RegisterForDispose(answer);
        return page.File(await answer.Content.ReadAsStreamAsync(cancellationToken), "text/csv; charset=utf-8", name);
    }
}
