using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>How the gateway is doing.</summary>
public sealed class IndexModel : PortalPage
{
    public SystemInfo State { get; private set; } = null!;
    /// <summary><c>null</c> when the ledger is unavailable; the problem says why.</summary>
    public SpendReport? Spend { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        State = await Gateway.GetSystemAsync(cancellationToken);
        await TryAsync(async () => Spend = await Gateway.GetSpendAsync(new CallFilter(), allUsers: true, cancellationToken));
    }
}
