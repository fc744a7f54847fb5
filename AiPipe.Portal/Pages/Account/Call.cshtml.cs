namespace AiPipe.Portal.Pages.Account;

/// <summary>One of the person's calls: its receipt and where its time went.</summary>
public sealed class CallModel : PortalPage
{
    public CallView View { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        View = await CallView.LoadAsync(Gateway, id, isAdmin: false, cancellationToken);
}
