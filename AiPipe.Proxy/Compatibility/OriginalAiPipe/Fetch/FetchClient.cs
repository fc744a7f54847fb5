using System.Net;
using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

internal sealed class FetchClient(PublicConnector connector, IOptions<FetchOptions> options) : IDisposable
{
    public const int MaxRedirects = 10;

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        ConnectCallback = connector.ConnectAsync,
        ConnectTimeout = options.Value.Timeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false, // Redirect targets must be checked first.
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    public async Task<FetchAnswer> SendAsync(HttpRequest asked, Uri target, CancellationToken cancellationToken)
    {
        var method = asked.Method;
        for (var redirects = 0; ; redirects++)
        {
            using var request = NewRequest(asked, method, target);
            HttpResponseMessage response;
            try
            {
                response = await _client.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                return Explain(e, target);
            }
            if (NextOf(response, target) is not { } next) return response;

            method = MethodAfter(response.StatusCode, method);
            if (HasBody(asked, method))
            {
                // The request body was streamed and cannot be sent again: the caller follows the redirect through us.
                response.Headers.Location = new Uri(FetchTarget.Prefix + next.AbsoluteUri, UriKind.Relative);
                return response;
            }
            response.Dispose();
            if (redirects == MaxRedirects) return Refusal.FetchFailed(target.IdnHost);
            if (FetchTarget.Check(next) is { } refusal) return refusal;
            target = next;
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage NewRequest(HttpRequest asked, string method, Uri target)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (HasBody(asked, method)) request.Content = new StreamContent(asked.Body);
        FetchHeaders.CopyToSite(asked, request);
        return request;
    }

    private static bool HasBody(HttpRequest asked, string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method)
        && asked.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private static Uri? NextOf(HttpResponseMessage response, Uri target) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location
        && Uri.TryCreate(target, location, out var next) ? next : null;

    /// <summary>As browsers do: https://fetch.spec.whatwg.org/#http-redirect-fetch.</summary>
    private static string MethodAfter(HttpStatusCode status, string method) => (int)status switch
    {
        303 when !HttpMethods.IsHead(method) => HttpMethods.Get,
        301 or 302 when HttpMethods.IsPost(method) => HttpMethods.Get,
        _ => method,
    };

    private static Refusal Explain(Exception failure, Uri target)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressNotPublicException) return Refusal.AddressNotPublic(target.IdnHost);
            if (cause is BadHttpRequestException) return Refusal.InvalidRequest(
                "The body did not arrive as it was announced, or is too large.");
        }
        return Refusal.FetchFailed(target.IdnHost);
    }
}

internal readonly record struct FetchAnswer(HttpResponseMessage? Response, Refusal? Refusal)
{
    public static implicit operator FetchAnswer(HttpResponseMessage response) => new(response, Refusal: null);
    public static implicit operator FetchAnswer(Refusal refusal) => new(Response: null, refusal);
}
