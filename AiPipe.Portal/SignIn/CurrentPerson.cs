using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.SignIn;

/// <summary>What the gateway knows of the person whose request this is, asked once a request.</summary>
internal sealed class CurrentPerson(GatewayClient gateway, IHttpContextAccessor context)
{
    private Me? _me;

    /// <summary>The person; <c>null</c> when nobody is signed in, or the gateway does not say.</summary>
    public async Task<Me?> FindAsync(CancellationToken cancellationToken)
    {
        if (_me is not null || context.HttpContext?.User.Token() is null) return _me;
        try
        {
            return _me = await gateway.MeAsync(cancellationToken);
        }
        catch (GatewayRefusal)
        {
            // What the page itself asks will say why.
            return null;
        }
    }
}
