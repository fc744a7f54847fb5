using System.Collections.Frozen;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Pricing;

/// <summary>
/// A provider's own price list, fetched at first use, again when it is an hour old, and if the cached list does not contain a model.
/// </summary>
internal sealed partial class ProviderPriceList(Provider provider, HttpClient http, TimeProvider time, ILogger logger)
{
    /// <summary>Callers choose the names, so an unknown one triggers at most one fetch per interval.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The age at which the next call waits for a new list; if it cannot be fetched, the last one stays in use.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Uri _address = new(
        provider.BaseUrl.GetLeftPart(UriPartial.Authority) + ProviderPath.Write(provider, new ApiPath("/v1/models")));
    private readonly Lock _gate = new();
    private volatile FrozenDictionary<string, PricedModel> _models = FrozenDictionary<string, PricedModel>.Empty;
    private DateTimeOffset _lastFetch = DateTimeOffset.MinValue;
    private long _fetchedAt;
    private Task _fetch = Task.CompletedTask;

    /// <param name="cancellationToken">Cancels only this caller's wait; the fetch continues for the others.</param>
    public ValueTask<PricedModel?> FindAsync(string model, CancellationToken cancellationToken) =>
        _models.TryGetValue(model, out var known) && time.GetUtcNow().UtcTicks - Volatile.Read(ref _fetchedAt) < MaxAge.Ticks
            ? new(known) : FindInNewestAsync(model, cancellationToken);

    public FrozenDictionary<string, PricedModel> Models => _models;

    private async ValueTask<PricedModel?> FindInNewestAsync(string model, CancellationToken cancellationToken)
    {
        await CurrentFetch().WaitAsync(cancellationToken);
        return _models.GetValueOrDefault(model);
    }

    private Task CurrentFetch()
    {
        lock (_gate)
        {
            if (!_fetch.IsCompleted) return _fetch;
            var now = time.GetUtcNow();
            if (now - _lastFetch < Interval) return Task.CompletedTask;
            _lastFetch = now;
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            var json = await http.GetByteArrayAsync(_address);
            _models = ListedModels.Read(json, $"{provider.Name} {time.GetUtcNow():yyyy-MM-dd}");
            Volatile.Write(ref _fetchedAt, time.GetUtcNow().UtcTicks);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            // The last list stays in use; without one, the embedded tables apply.
            Log.FetchFailed(logger, provider.Name, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot fetch prices of {Provider}; using the last known ones: {Reason}")]
        public static partial void FetchFailed(ILogger logger, string provider, string reason);
    }
}
