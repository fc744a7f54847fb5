using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>What admins did.</summary>
public sealed class AuditModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Before { get; set; }

    public AuditList Audit { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) => Audit = await Gateway.GetAuditAsync(Before, cancellationToken);
}
