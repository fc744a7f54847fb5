using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;

namespace AiPipe.Portal.Pages.Account;

/// <summary>A person's token, what they may spend, and what they spent of it.</summary>
public sealed class IndexModel : PortalPage
{
    private const int Shown = 5;

    public UsageReport Usage { get; private set; } = null!;
    public IReadOnlyList<CallInfo> Calls { get; private set; } = [];

    /// <summary>The person's own: this page is where they come to take it.</summary>
    public string Token { get; private set; } = "";

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Calls = (await Gateway.GetCallsAsync(new CallFilter { Limit = Shown }, allUsers: false, cancellationToken)).Calls;
        Token = User.Token()!;
    }
}
