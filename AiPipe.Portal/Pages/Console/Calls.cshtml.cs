using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The calls of all users.</summary>
public sealed class CallsModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public CallSearch Search { get; set; } = new();

    public CallList Calls { get; private set; } = new([], Next: null);

    public Task OnGetAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        if (!string.IsNullOrWhiteSpace(Search.Email)) Search.Keys = await Gateway.GetKeysAsync(Search.Email.Trim(), cancellationToken);
        Calls = await Gateway.GetCallsAsync(Search.Page, allUsers: true, cancellationToken);
    });

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.GetCallsCsvAsync(Search.All, allUsers: true, token), "aipipe-all-calls.csv", cancellationToken);
}
