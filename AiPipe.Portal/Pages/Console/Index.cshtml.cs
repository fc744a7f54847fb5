using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The health of the gateway and what all users spent. During an outage it shows what is known.</summary>
public sealed class IndexModel : PortalPage
{
    public SystemInfo State { get; private set; } = null!;

    /// <summary><c>null</c> while the ledger cannot be read.</summary>
    public SpendReport? Spend { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        State = await Gateway.GetSystemAsync(cancellationToken);
        // The query would only wait for its timeout.
        if (State.Postgres.Ok is not true) return;
        await TryAsync(async () => Spend = await Gateway.GetSpendAsync(new CallFilter(), allUsers: true, cancellationToken));
    }
}
