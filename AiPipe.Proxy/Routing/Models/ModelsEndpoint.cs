using System.Security.Cryptography;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace AiPipe.Proxy.Routing.Models;

/// <summary><c>GET /models</c>: the models of all providers with keys, and their prices.</summary>
internal static class ModelsEndpoint
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/models", List).RequireUser().WithTags("Models").WithSummary("List every model that can be called here")
            .Gives(typeof(ModelList));
        return routes;
    }

    /// <summary>Describes an alias as its first available model; <c>null</c> if none is available.</summary>
    private static ModelInfo? Alias(ModelRoute alias, List<ModelInfo> models)
    {
        var order = alias.Targets.Where(target => target.Weight > 0).OrderByDescending(target => target.Priority)
            .ThenByDescending(target => target.Weight).ToList();
        var first = order.Select(target => models.Find(model => model.Provider == target.Provider && model.Id == target.Model))
            .FirstOrDefault(model => model is not null);
        return first is null ? null
            : first with { Id = alias.Id, AliasOf = [.. order.Select(target => $"{target.Provider}/{target.Model}")] };
    }

    /// <summary>The list is long and rarely changes, so it has an ETag (RFC 9110, section 13.1.2).</summary>
    private static FileContentHttpResult List(HttpContext http, ProviderCatalog providers, PriceResolver prices, RouteTable routes)
    {
        var models = providers.All.Where(provider => provider.Credentials.Count > 0)
            .SelectMany(provider =>
                prices.ModelsOf(provider).Where(model => provider.Dialect.Serves(model.Model))
                .OrderBy(model => model.Model, StringComparer.Ordinal),
                static (provider, model) => ModelContracts.Create(provider, model.Model, model.Price)).ToList();
        var aliases = routes.All.Where(route => route.IsAlias).OrderBy(route => route.Id, StringComparer.Ordinal)
            .Select(alias => Alias(alias, models)).OfType<ModelInfo>().ToList();
        // An alias takes precedence over a provider's model of the same name.
        var named = models.Where(model => model.Dialect != Dialect.OpenAi.Name || routes.AliasOf(model.Id) is null);
        var json = JsonSerializer.SerializeToUtf8Bytes(new ModelList([.. aliases, .. named]), ContractJson.Default.ModelList);
        http.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(
            json, "application/json",
            entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\""));
    }
}
