using System.Security.Cryptography;
using System.Text.Json;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using Microsoft.Net.Http.Headers;

namespace AiPipe.Proxy.Routing.Models;

/// <summary><c>GET /models</c>: what can be called here and what it costs, of all providers that have keys.</summary>
internal static class ModelsEndpoint
{
    /// <summary>https://ai.google.dev/gemini-api/docs/models</summary>
    private static readonly string[] GoogleFamilies = ["gemini-", "gemma-", "embedding-", "text-embedding-"];

    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/models", List).RequireUser().WithTags("Models").WithSummary("List every model that can be called here")
            .Gives(typeof(ModelList));
        return routes;
    }

    /// <summary>Google's price list has what its other platform sells, too: this API serves none of that.</summary>
    private static bool IsServed(Provider provider, string model) =>
        provider.Dialect != Dialect.Gemini || Array.Exists(GoogleFamilies, family => model.StartsWith(family, StringComparison.OrdinalIgnoreCase));

    /// <summary>An alias, as the first of its models that can be called; <c>null</c> while none can.</summary>
    private static ModelInfo? Alias(ModelRoute alias, List<ModelInfo> models)
    {
        var order = alias.Targets.Where(target => target.Weight > 0).OrderByDescending(target => target.Priority).ThenByDescending(target => target.Weight).ToList();
        var first = order.Select(target => models.Find(model => model.Provider == target.Provider && model.Id == target.Model)).FirstOrDefault(model => model is not null);
        return first is null ? null : first with { Id = alias.Id, AliasOf = [.. order.Select(target => $"{target.Provider}/{target.Model}")] };
    }

    /// <summary>The list is long and seldom changes: who has it asks whether it is still the same (RFC 9110, section 13.1.2).</summary>
    private static IResult List(HttpContext http, ProviderCatalog providers, PriceResolver prices, RouteTable routes)
    {
        var models = providers.All.Where(provider => provider.Credentials.Count > 0)
            .SelectMany(provider => prices.ModelsOf(provider).Where(model => IsServed(provider, model.Model)).OrderBy(model => model.Model, StringComparer.Ordinal),
                static (provider, model) => ModelContracts.Create(provider, model.Model, model.Price)).ToList();
        var aliases = routes.All.Where(route => route.IsAlias).OrderBy(route => route.Id, StringComparer.Ordinal).Select(alias => Alias(alias, models)).OfType<ModelInfo>().ToList();
        // Who uses an alias's name gets the alias, whatever provider has a model of this name.
        var named = models.Where(model => model.Dialect != "openai" || routes.AliasOf(model.Id) is null);
        var json = JsonSerializer.SerializeToUtf8Bytes(new ModelList([.. aliases, .. named]), ContractJson.Default.ModelList);
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.Bytes(json, "application/json", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 16))}\""));
    }
}
