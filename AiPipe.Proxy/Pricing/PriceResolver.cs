using System.Collections.Concurrent;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Pricing;

internal sealed class PriceResolver(PriceTable table, TimeProvider time, ILogger<PriceResolver> logger) : IDisposable
{
    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    /// <summary>OpenRouter's list is about one megabyte.</summary>
    private const int MaxListBytes = 16 << 20;

    /// <summary>Every model of a server of the operator's own.</summary>
    private static readonly PricedModel OwnServer =
        new(Price.Free, Price.Free, "free provider", MaxOutputTokens: null, ContextTokens: null) { IsStatedFree = true };

    /// <summary>By address, because a provider with another address has another list.</summary>
    private readonly ConcurrentDictionary<(string Name, Uri Address), ProviderPriceList> _lists = new();

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxListBytes,
    };

    public async ValueTask<PricedModel?> FindAsync(Provider provider, string model, CancellationToken cancellationToken)
    {
        if (table.FindOverride(provider.Name, model) is { } named) return named;
        if (provider.IsFree) return OwnServer;
        if (provider.HasVariants && ModelVariant.Split(model) is { IsPricedAsModel: true } variant)
            return variant.Apply(await FindAsync(provider, variant.Model, cancellationToken));
        if (!provider.ReportsCost) return FindEmbedded(provider, model);
        var list = _lists.GetOrAdd(
            (provider.Name, provider.BaseUrl), static (_, made) =>
                new ProviderPriceList(made.provider, made.resolver._http, made.resolver._time, made.resolver._logger),
                    (provider, resolver: this));
        return await list.FindAsync(model, cancellationToken) ?? table.Find(provider.Name, model)
            ?? (provider.HasVariants && ModelVariant.Split(model) is { IsThinking: true } thinking
                ? thinking.Apply(await FindAsync(provider, thinking.Model, cancellationToken)) : null);
    }

    /// <summary>The row of a model in our own lists, for prices by the piece; <c>null</c> = none.</summary>
    public (PriceRow Row, string Version)? FindRow(Provider provider, string model)
    {
        var name = provider.Deployments.GetValueOrDefault(model) ?? model;
        return (HasEmbeddedPrices(provider) ? table.FindRow(provider.Name, name) : null)
            ?? (provider.PriceList is { } list ? table.FindRow(list, name) : null);
    }

    /// <summary>The price of a deployment is that of its model.</summary>
    private PricedModel? FindEmbedded(Provider provider, string model)
    {
        var deployed = provider.Deployments.GetValueOrDefault(model);
        if (deployed is not null && table.FindOverride(provider.Name, deployed) is { } named) return named;
        var price = HasEmbeddedPrices(provider) ? table.Find(provider.Name, deployed ?? model) : null;
        if (price is null && provider.PriceList is { } list) price = table.Find(list, deployed ?? model);
        return price is null || deployed is null ? price : price with { Family = price.Family ?? deployed };
    }

    public IEnumerable<(string Provider, string Model, PricedModel Price)> Listed =>
        _lists.SelectMany(list => list.Value.Models.Select(model => (list.Key.Name, model.Key, model.Value)));

    /// <summary>
    /// All priced models of a provider. Fetches nothing: uses the cached list of a provider that has one, otherwise the tables.
    /// </summary>
    public IEnumerable<(string Model, PricedModel Price)> ModelsOf(Provider provider)
    {
        var named = table.OverriddenModelsOf(provider.Name).ToList();
        var seen = named.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var model in named)
            if (table.FindOverride(provider.Name, model) is { } price) yield return (model, price);

        if (_lists.TryGetValue((provider.Name, provider.BaseUrl), out var list) && list.Models is { Count: > 0 } held)
        {
            foreach (var (model, price) in held)
                if (!seen.Contains(model)) yield return (model, price);
        }
        else if (provider.PriceList is not null)
        {
            foreach (var model in provider.Deployments.Keys)
                if (!seen.Contains(model) && FindEmbedded(provider, model) is { } price) yield return (model, price);
        }
        else if (HasEmbeddedPrices(provider))
        {
            foreach (var model in table.ModelsOf(provider.Name))
                if (!seen.Contains(model) && table.Find(provider.Name, model) is { } price) yield return (model, price);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A configured provider may have any name; the embedded prices apply only to those that they were collected from.</summary>
    private static bool HasEmbeddedPrices(Provider provider) => KnownProviders.All.ByName(provider.Name) is not null;
}
