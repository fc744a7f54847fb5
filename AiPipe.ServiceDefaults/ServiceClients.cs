using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// HTTP clients for AiPipe's own services. A client gets these defaults only by opting in, because a retry must never call a provider
/// twice.
/// </summary>
public static class ServiceClients
{
    private const int MaxRetries = 2;

    /// <summary>How long a page waits for the headers of a response, including retries. The body may take longer.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    internal static void AddServiceDiscovery(this IHostApplicationBuilder builder) => builder.Services.AddServiceDiscovery();

    /// <summary>
    /// Resolves names such as <c>https+http://proxy</c>, and retries GET and HEAD requests if a replica is unreachable or unavailable.
    /// Requests with other methods are sent once, with the timeout of the client.
    /// </summary>
    public static IHttpClientBuilder AddServiceClientDefaults(this IHttpClientBuilder client)
    {
        client.AddResilienceHandler("reads", static pipeline => pipeline
            .AddTimeout(new HttpTimeoutStrategyOptions
            {
                TimeoutGenerator = static arguments => new(IsRead(arguments.Context) ? ReadTimeout : Timeout.InfiniteTimeSpan),
            })
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = MaxRetries,
                Delay = RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                // Retry-After is meant for API clients. It is too long for a page to wait.
                ShouldRetryAfterHeader = false,
                ShouldHandle = static arguments => new(IsRead(arguments.Context) && IsUnavailable(arguments.Outcome)),
            }));
        return client.AddServiceDiscovery();
    }

    private static bool IsRead(ResilienceContext context) =>
        context.GetRequestMessage()?.Method is { } method && (method == HttpMethod.Get || method == HttpMethod.Head);

    private static bool IsUnavailable(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException
        || outcome.Result?.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
