using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.Proxy.Features.Apps;

/// <summary>Tokens of grants: as many of one as are asked for, all of them with its id, its slice and its end.</summary>
internal sealed class AppTokens(TokenIssuer tokens)
{
    public string Of(AppGrant grant) => tokens.Issue(grant.User, grant.Slice, grant.Id, grant.ExpiresAt);
}
