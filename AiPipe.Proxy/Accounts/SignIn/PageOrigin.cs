using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>The origin of links: the first of <c>AiPipe:Logins:Origins</c>, otherwise that of the current request.</summary>
internal sealed class PageOrigin(IOptions<SignInOptions> options)
{
    public string Of(HttpRequest request) =>
        options.Value.Origins.Count > 0 ? options.Value.Origins[0].TrimEnd('/') : $"{request.Scheme}://{request.Host}";
}
