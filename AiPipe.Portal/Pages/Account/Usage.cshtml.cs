using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>What a person spent: by day, model, app and key, and every call of it.</summary>
public sealed class UsageModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public CallSearch Search { get; set; } = new();

    public Usage Usage { get; private set; } = null!;
    public Spend Spend { get; private set; } = null!;
    public CallPage Calls { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Usage = await Gateway.UsageAsync(cancellationToken);
        Spend = await Gateway.SpendAsync(Search.Range, everybody: false, cancellationToken);
        Calls = await Gateway.CallsAsync(Search.Filter, everybody: false, cancellationToken);
    }

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.CallsCsvAsync(Search.Filter with { Limit = null }, everybody: false, token), "aipipe-calls.csv", cancellationToken);
}
