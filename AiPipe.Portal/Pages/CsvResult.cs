using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AiPipe.Portal.Pages;

/// <summary>Streams a CSV file of the gateway as a download.</summary>
internal static class CsvResult
{
    public static async Task<IActionResult> CsvAsync(
        this PageModel page, Func<CancellationToken, Task<HttpResponseMessage>> request, string name, CancellationToken cancellationToken)
    {
        var response = await request(cancellationToken);
        page.HttpContext.Response.RegisterForDispose(response);
        return page.File(await response.Content.ReadAsStreamAsync(cancellationToken), "text/csv; charset=utf-8", name);
    }
}
