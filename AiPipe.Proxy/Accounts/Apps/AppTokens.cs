using AiPipe.Proxy.Callers;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>Tokens of grants: as many of one as are asked for, all of them with its id, its slice and its end.</summary>
internal sealed class AppTokens(TokenIssuer tokens)
{
    public string Of(AppGrant grant) => tokens.Issue(grant.User, grant.Allowance, grant.Id, grant.ExpiresAt);
}
