using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.SignIn;

/// <summary>The signed-in person as the gateway knows them, loaded at most once per request.</summary>
internal sealed class CurrentPerson(GatewayClient gateway, IHttpContextAccessor context)
{
    private CurrentUser? _me;

    /// <summary>The person; an error where <see cref="FindAsync"/> returns <c>null</c>.</summary>
    /// <exception cref="GatewayException">The gateway refuses or does not respond.</exception>
    public async Task<CurrentUser> GetAsync(CancellationToken cancellationToken) => _me ??= await gateway.GetMeAsync(cancellationToken);

    /// <summary>The person; <c>null</c> without a signed-in user, or if the gateway fails.</summary>
    public async Task<CurrentUser?> FindAsync(CancellationToken cancellationToken)
    {
        if (context.HttpContext?.User.Token() is null) return null;
        try
        {
            return await GetAsync(cancellationToken);
        }
        catch (GatewayException)
        {
            // The page's own requests fail, too, and report why.
            return null;
        }
    }
}
