namespace AiPipe.Proxy.Upstream;

/// <summary>
/// Removes what a provider sent from the exception for a response that is not HTTP: it may quote our key, and exceptions are logged.
/// </summary>
internal sealed class UnquotedErrors(HttpMessageHandler next) : DelegatingHandler(next)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.InvalidResponse)
        {
            throw new HttpRequestException(e.HttpRequestError, "The response is not valid HTTP.");
        }
    }
}
