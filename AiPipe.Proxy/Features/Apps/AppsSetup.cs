using AiPipe.Proxy.Data;
using AiPipe.Proxy.Features.RateLimits;
using AiPipe.Proxy.Features.SignIn;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiPipe.Proxy.Features.Apps;

/// <summary>Registers and maps the feature: web apps without a back end, each with a slice of the budget of whoever uses it.</summary>
internal static class AppsSetup
{
    /// <summary>Far more than an address and a state.</summary>
    private const int MaxBodyBytes = 16 << 10;

    /// <summary>How long a question waits for Postgres. The first one after the start waits for EF to prepare its queries, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long a command that is cancelled may take to end.</summary>
    private static readonly TimeSpan LettingGo = TimeSpan.FromSeconds(3);

    public static IHostApplicationBuilder AddApps(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SignInOptions>().Validate(static options => options.Origins.All(OwnOrigins.IsOrigin),
            "AiPipe:Logins:Origins has an entry that is no web origin: write it like https://aipipe.example.com.");
        builder.Services.AddSingleton<OwnOrigins>().AddSingleton<AppTokens>().AddScoped<AppGrants>().AddScoped<AppCodes>().AddScoped<Granting>().AddSingleton<IReplicated, Revocations>();
        builder.Services.AddKeyedSingleton(nameof(AppsSetup), static (services, _) =>
            new PerMinuteLimit("apps", services.GetRequiredService<IOptions<SignInOptions>>().Value.PerMinute, services.GetRequiredService<IRateLimiter>()));
        return builder;
    }

    public static IEndpointRouteBuilder MapApps(this IEndpointRouteBuilder routes)
    {
        routes.MapGrants().MapExchange();
        return routes;
    }

    /// <summary>
    /// What holds for all endpoints of the feature, after it is known who calls: answers are never kept, bodies are short, nobody
    /// asks too often or waits for ever.
    /// </summary>
    public static TBuilder Guarded<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)).AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var limit = http.RequestServices.GetRequiredKeyedService<PerMinuteLimit>(nameof(AppsSetup));
            return await limit.TakeAsync(http) is { } tooOften ? new RefusalResult(tooOften) : await next(context);
        });

    /// <summary>
    /// Asks something that asks Postgres, and waits for the answer, but not for ever: EF tries for a minute, and cancelling a command waits for a
    /// server that has stopped where it stands. What is asked has a scope of its own and ends in it by itself.
    /// </summary>
    /// <param name="http">The request; what is asked must not touch it, since it may be over.</param>
    /// <param name="ask">The question.</param>
    /// <exception cref="NpgsqlException">Postgres does not answer in time.</exception>
    public static async Task<T> AskAsync<TAsked, T>(this HttpContext http, Func<TAsked, CancellationToken, Task<T>> ask) where TAsked : notnull
    {
        var aborted = http.RequestAborted;
        try
        {
            return await InScopeAsync(http.RequestServices.GetRequiredService<IServiceScopeFactory>(), ask, aborted).WaitAsync(Patience + LettingGo, aborted);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private static async Task<T> InScopeAsync<TAsked, T>(
        IServiceScopeFactory scopes, Func<TAsked, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) where TAsked : notnull
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await using var scope = scopes.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TAsked>(), patience.Token);
    }
}
