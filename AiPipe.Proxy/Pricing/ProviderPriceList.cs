using System.Collections.Frozen;
using System.Text.Json;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Pricing;

/// <summary>One provider's own price list: fetched when first needed, and again when a model is missing from the one held.</summary>
internal sealed partial class ProviderPriceList(Provider provider, HttpClient http, TimeProvider time, ILogger logger)
{
    /// <summary>Callers choose the names: a missing one is asked for at most this often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Uri _address = new(provider.BaseUrl.AbsoluteUri.TrimEnd('/') + "/v1/models");
    private readonly Lock _gate = new();
    private volatile FrozenDictionary<string, PricedModel> _models = FrozenDictionary<string, PricedModel>.Empty;
    private DateTimeOffset _lastFetch = DateTimeOffset.MinValue;
    private Task _fetch = Task.CompletedTask;

    /// <summary>The model's price; <c>null</c> when the newest list that could be had does not know it.</summary>
    /// <param name="model">The model as the request names it.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the fetch goes on for the others.</param>
    public ValueTask<PricedModel?> FindAsync(string model, CancellationToken cancellationToken) =>
        _models.TryGetValue(model, out var known) ? new(known) : FindInNewestAsync(model, cancellationToken);

    /// <summary>The list held; empty before it was first needed.</summary>
    public FrozenDictionary<string, PricedModel> Held => _models;

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
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException)
        {
            // The last good list stays; without one, the embedded tables answer.
            Log.FetchFailed(logger, provider.Name, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The price list of {Provider} could not be fetched: {Reason}")]
        public static partial void FetchFailed(ILogger logger, string provider, string reason);
    }
}
