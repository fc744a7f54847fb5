using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Anybody's call.</summary>
public sealed class CallModel : PortalPage
{
    public CallDetails Call { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        Call = await Gateway.GetCallAsync(id, allUsers: true, cancellationToken);
}
