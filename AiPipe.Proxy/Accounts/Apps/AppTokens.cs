using AiPipe.Proxy.Callers;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Issues tokens of grants, all with the grant's id, allowance and expiry.</summary>
internal sealed class AppTokens(TokenIssuer tokens)
{
    public string Of(AppGrant grant) => tokens.Issue(grant.User, grant.Allowance, grant.Id, grant.ExpiresAt);
}
