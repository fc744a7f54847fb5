using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>What administrators changed.</summary>
public sealed class AuditModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Before { get; set; }

    public AuditList Audit { get; private set; } = null!;
    public BudgetNames Names { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Audit = await Gateway.GetAuditAsync(Before, cancellationToken);
        Names = await BudgetNames.LoadAsync(Gateway, Audit.Entries.Select(entry => entry.Subject), cancellationToken);
    }
}
