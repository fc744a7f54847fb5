using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Account;

/// <summary>One call: what it cost and why, and where its time went.</summary>
public sealed class CallModel : PortalPage
{
    public CallDetails Call { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        Call = await Gateway.GetCallAsync(id, allUsers: false, cancellationToken);
}
