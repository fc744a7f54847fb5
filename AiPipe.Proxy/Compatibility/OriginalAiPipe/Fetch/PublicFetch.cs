using System.Buffers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>One fetch: both bodies are streamed, with a timeout and a size limit.</summary>
internal sealed partial class PublicFetch(
    FetchClient client, IRateLimiter limiter, IOptions<FetchOptions> options, TimeProvider time, ILogger<PublicFetch> logger)
{
    private const int BufferSize = 64 << 10;

    private readonly FetchOptions _options = options.Value;
    private readonly PerMinuteLimit _limit = new("fetch", options.Value.PerMinute, limiter);

    public async Task RunAsync(HttpContext http)
    {
        Uri? target = null;
        var refusal = await _limit.TakeAsync(http)
            ?? FetchTarget.Read(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out target);
        refusal ??= await PassAsync(http, target!);
        if (refusal is not null) await RefusalWriter.WriteAsync(http, refusal);
    }

    private async Task<Refusal?> PassAsync(HttpContext http, Uri target)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        http.Response.Headers["X-Proxy-URL"] = target.OriginalString;
        try
        {
            var (response, refusal) = await client.SendAsync(http.Request, target, either.Token);
            using (response)
            {
                if (response is null) return refusal;
                var isHead = HttpMethods.IsHead(http.Request.Method);
                if (!isHead && response.Content.Headers.ContentLength > _options.MaxBytes) return Refusal.FetchTooLarge(_options.MaxBytes);
                Log.Fetched(logger, target.IdnHost, (int)response.StatusCode);
                http.Response.StatusCode = (int)response.StatusCode;
                FetchHeaders.CopyToCaller(response, http.Response.Headers);
                await http.Response.StartAsync(either.Token);
                // The status is sent: aborting shows the client that the response is incomplete.
                if (!isHead && !await CopyAsync(response, http.Response.Body, either.Token)) http.Abort();
                return null;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            if (!http.Response.HasStarted && deadline.IsCancellationRequested)
                return Refusal.FetchTimeout((int)Math.Ceiling(_options.Timeout.TotalSeconds));
            http.Abort();
            return null;
        }
    }

    /// <summary>Streams the body; <c>false</c> if it is too long.</summary>
    private async Task<bool> CopyAsync(HttpResponseMessage from, Stream to, CancellationToken cancellationToken)
    {
        var body = await from.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var left = _options.MaxBytes;
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                if ((left -= read) < 0) return false;
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static partial class Log
    {
        // The host only: paths and queries may contain secrets.
        [LoggerMessage(LogLevel.Debug, "Fetched from {Host}: {Status}")]
        public static partial void Fetched(ILogger logger, string host, int status);
    }
}
