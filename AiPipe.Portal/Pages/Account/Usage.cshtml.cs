using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>What a person spent: by day, model, app and key, and every call of it.</summary>
public sealed class UsageModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public CallSearch Search { get; set; } = new();

    public UsageReport Usage { get; private set; } = null!;

    /// <summary>What the calls that are asked for add up to; <c>null</c> when that cannot be asked.</summary>
    public SpendReport? Spend { get; private set; }

    public CallList Calls { get; private set; } = new([], Next: null);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Search.Keys = await Gateway.GetKeysAsync(cancellationToken);
        await TryAsync(async () =>
        {
            Spend = await Gateway.GetSpendAsync(Search.All, allUsers: false, cancellationToken);
            // The table has the dates that the chart has.
            (Search.From, Search.To) = (Spend.From, Spend.To);
            Calls = await Gateway.GetCallsAsync(Search.Page, allUsers: false, cancellationToken);
        });
    }

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.GetCallsCsvAsync(Search.All, allUsers: false, token), "aipipe-calls.csv", cancellationToken);
}
