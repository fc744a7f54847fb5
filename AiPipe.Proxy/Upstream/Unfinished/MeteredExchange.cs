using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Upstream.Unfinished;

/// <summary>A metered request to a provider, and the meter of its response.</summary>
internal sealed class MeteredExchange(CallContext call, CallMeter meter, HttpMessageInvoker client) : IDisposable
{
    private MeteringStream? _metered;

    public UpstreamExchange Exchange { get; } = new(client);

    /// <summary>Meters the response that the caller receives.</summary>
    public async ValueTask WatchAsync(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode) _metered = meter.Watch(response, await Exchange.OpenAsync(response.Content));
        else await meter.RejectedAsync();
    }

    /// <summary>Waits for the response, if it has not begun, and reads it to its end.</summary>
    public async Task ReadRestAsync()
    {
        var response = await Exchange.Response;
        if (!response.IsSuccessStatusCode)
        {
            call.Progress = UpstreamProgress.Rejected;
            return;
        }
        if (DecompressedResponse.UnknownCoding(response.Content.Headers) is not null)
        {
            call.Progress = UpstreamProgress.Unreadable;
            return;
        }
        call.Progress = UpstreamProgress.Streaming;
        _metered ??= meter.Open(response, await Exchange.OpenAsync(response.Content));
        await CallMeter.DrainAsync(_metered);
    }

    public void Dispose()
    {
        _metered?.DisposeResponse();
        Exchange.Dispose();
    }
}
