namespace AiPipe.Portal.Pages.Console;

/// <summary>Any user's call, for admins.</summary>
public sealed class CallModel : PortalPage
{
    public CallDetails Details { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        Details = await CallDetails.LoadAsync(Gateway, id, isAdmin: true, cancellationToken);
}
