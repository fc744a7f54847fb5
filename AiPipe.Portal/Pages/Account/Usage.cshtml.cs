using AiPipe.Portal.Gateway;
using AiPipe.Portal.TagHelpers;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>A person's spending by day, model, app and key, and their calls.</summary>
public sealed class UsageModel(TimeProvider clock) : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public CallSearch Search { get; set; } = new();

    public UsageReport Usage { get; private set; } = null!;
    public BudgetNames Names { get; private set; } = null!;

    /// <summary>The sums of the filtered calls; <c>null</c> when the gateway refused the filter.</summary>
    public SpendReport? Spend { get; private set; }

    public CallList Calls { get; private set; } = new([], Next: null);

    public string? Warning => BudgetText.Warning(Usage, Names, clock.Today());

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Names = await BudgetNames.LoadAsync(Gateway, Usage.Scopes, cancellationToken);
        Search.Keys = await Gateway.GetKeysAsync(cancellationToken);
        await TryAsync(async () =>
        {
            Spend = await Gateway.GetSpendAsync(Search.All, allUsers: false, cancellationToken);
            // The list covers the same dates as the chart.
            (Search.From, Search.To) = (Spend.From, Spend.To);
            Calls = await Gateway.GetCallsAsync(Search.Page, allUsers: false, cancellationToken);
        });
    }

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.GetCallsCsvAsync(Search.All, allUsers: false, token), "aipipe-calls.csv", cancellationToken);
}
