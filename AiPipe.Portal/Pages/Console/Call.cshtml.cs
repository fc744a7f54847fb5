namespace AiPipe.Portal.Pages.Console;

/// <summary>Any user's call, for admins.</summary>
public sealed class CallModel : PortalPage
{
    public CallView View { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        View = await CallView.LoadAsync(Gateway, id, isAdmin: true, cancellationToken);
}
