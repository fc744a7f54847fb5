using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Everybody's calls.</summary>
public sealed class CallsModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public CallSearch Search { get; set; } = new();

    public CallPage Calls { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Calls = await Gateway.CallsAsync(Search.Filter, everybody: true, cancellationToken);

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.CallsCsvAsync(Search.Filter with { Limit = null }, everybody: true, token), "aipipe-all-calls.csv", cancellationToken);
}
