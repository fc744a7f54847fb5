using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>How the gateway is doing.</summary>
public sealed class IndexModel : PortalPage
{
    public SystemState State { get; private set; } = null!;
    public Spend Spend { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        State = await Gateway.GetSystemAsync(cancellationToken);
        Spend = await Gateway.GetSpendAsync(new CallFilter(), allUsers: true, cancellationToken);
    }
}
