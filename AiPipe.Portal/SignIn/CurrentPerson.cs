using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.SignIn;

/// <summary>What the gateway knows of the person whose request this is, asked once a request.</summary>
internal sealed class CurrentPerson(GatewayClient gateway, IHttpContextAccessor context)
{
    private CurrentUser? _me;

    /// <summary>The person who is signed in.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task<CurrentUser> GetAsync(CancellationToken cancellationToken) => _me ??= await gateway.GetMeAsync(cancellationToken);

    /// <summary>The person; <c>null</c> when nobody is signed in, or the gateway does not say.</summary>
    public async Task<CurrentUser?> FindAsync(CancellationToken cancellationToken)
    {
        if (context.HttpContext?.User.Token() is null) return null;
        try
        {
            return await GetAsync(cancellationToken);
        }
        catch (GatewayException)
        {
            // What the page itself asks will say why.
            return null;
        }
    }
}
