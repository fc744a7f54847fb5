using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Where links for people lead: the first of <c>AiPipe:Logins:Origins</c>, else where whoever asks for the link has found us.</summary>
internal sealed class PageOrigin(IOptions<SignInOptions> options)
{
    public string Of(HttpRequest request) =>
        options.Value.Origins.Count > 0 ? options.Value.Origins[0].TrimEnd('/') : $"{request.Scheme}://{request.Host}";
}
