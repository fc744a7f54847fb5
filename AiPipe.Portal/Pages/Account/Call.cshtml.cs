namespace AiPipe.Portal.Pages.Account;

/// <summary>One of the person's calls: its receipt and where its time went.</summary>
public sealed class CallModel : PortalPage
{
    public CallDetails Details { get; private set; } = null!;

    public async Task OnGetAsync(Guid id, CancellationToken cancellationToken) =>
        Details = await CallDetails.LoadAsync(Gateway, id, isAdmin: false, cancellationToken);
}
