using System.Globalization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Settings;

/// <summary><c>GET /admin/prices</c>: model prices and their sources.</summary>
internal static class PricesEndpoint
{
    private const string Path = "/admin/prices";
    private const int MostListed = 1000;

    public static IEndpointRouteBuilder MapPrices(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, List).RequireAdmin().WithTags("Administration").WithSummary("List prices and where they come from");
        return routes;
    }

    private static Results<Ok<PriceList>, RefusalResult> List(PriceTable table, PriceResolver book, string? provider = null,
        string? search = null, string? limit = null)
    {
        var count = 100;
        if (limit is not null
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostListed))
            return new RefusalResult(
                Refusal.InvalidRequest($"The parameter \"limit\" must be a whole number from 1 to {MostListed}.", "limit"));
        if (provider is not null) provider = KnownProviders.NameOf(provider);
        var listed = book.Listed.Select(price => (price.Provider, price.Model, price.Price, Source: "listed")).ToList();
        var isListed = listed.Select(price => (price.Provider, price.Model)).ToHashSet();
        // A provider's own list precedes the tables, an override precedes both.
        var all = table.All().Select(price => (price.Provider, price.Model, price.Price, Source: price.IsOverride ? "override" : "table"))
            .ToList();
        var overridden = all.Where(price => price.Source == "override").Select(price => (price.Provider, price.Model)).ToHashSet();
        var found = all.Where(price => price.Source == "override" || !isListed.Contains((price.Provider, price.Model)))
            .Concat(listed.Where(price => !overridden.Contains((price.Provider, price.Model))))
            .Where(price => string.IsNullOrEmpty(provider) || price.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase))
            .Where(price => string.IsNullOrEmpty(search) || price.Model.Contains(search, StringComparison.OrdinalIgnoreCase))
            .OrderBy(price => price.Provider, StringComparer.Ordinal).ThenBy(price => price.Model, StringComparer.Ordinal).ToList();
        return TypedResults.Ok(
            new PriceList([.. found.Take(count).Select(price => ToContract(price.Provider, price.Model, price.Source, price.Price))],
                found.Count));
    }

    private static PriceInfo ToContract(string provider, string model, string source, PricedModel priced)
    {
        var price = priced.Settle;
        return new PriceInfo(
            provider, model, source, priced.Version, price.IsFree, price.Input, price.Output, price.CacheRead, price.CacheWrite,
                price.CacheWrite1h,
            price.AudioInput, price.AudioOutput, price.ImageInput, price.ImageOutput, price.WebSearch, price.Request,
            price.AboveInputTokens, price.Above?.Input, price.Above?.Output, priced.ContextTokens, priced.MaxOutputTokens);
    }
}
