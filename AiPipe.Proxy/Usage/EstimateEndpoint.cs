using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Usage;

/// <summary><c>POST /estimate/{provider}/{path}</c>: what a call could cost, and whether it would be sent now.</summary>
internal static class EstimateEndpoint
{
    private const string Segment = "estimate";
    private const int PermitsPerMinute = 120;

    public static IServiceCollection AddEstimates(this IServiceCollection services) =>
        services.AddScoped<CallEstimates>().AddPerMinuteLimit(Segment, PermitsPerMinute);

    public static IEndpointRouteBuilder MapEstimates(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"/{Segment}/{{provider}}/{{**path}}", EstimateAsync).WithTags("Usage")
            .WithSummary("Estimate the cost of a call without sending it")
            .WithDescription("The body is that of the call.").Gives(typeof(CallEstimate));
        return routes.MapUnmatched(Segment);
    }

    private static async Task<Results<JsonHttpResult<CallEstimate>, RefusalResult>> EstimateAsync(
        HttpContext http, string provider, CallerAuthentication callers, ProviderCatalog providers, CallEstimates estimates,
        [FromKeyedServices(Segment)] PerMinuteLimit limit, TimeProvider time)
    {
        var (caller, refusal) = await callers.IdentifyAsync(http.Request);
        if (caller is Caller.User user) refusal ??= await limit.TakeAsync(user.Email);
        if (refusal is not null) return new RefusalResult(refusal);

        http.Request.Path.StartsWithSegments($"/{Segment}", StringComparison.OrdinalIgnoreCase, out var path);
        var (found, unknown) = Destination.FromRequest(http.Request, path, provider, providers);
        if (found is not { } destination) return new RefusalResult(unknown!);
        var (estimate, refused) = await estimates.EstimateAsync(
            new CallContext(http, destination.Provider, destination.Path.Path, time.GetUtcNow()));
        return estimate is null ? new RefusalResult(refused!) : TypedResults.Json(estimate, ContractJson.Default.CallEstimate);
    }
}
