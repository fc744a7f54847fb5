using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>Postgres queries of endpoints, with a timeout before the client gives up.</summary>
internal static class QueryTimeouts
{
    /// <summary>How long a query waits; the first one after the start also waits for EF to compile its queries.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a cancelled command may take to end.</summary>
    private static readonly TimeSpan LettingGo = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Runs a query with a timeout: EF retries for a minute, and cancelling a command waits for a frozen server. The query has a scope of
    /// its own and finishes there.
    /// </summary>
    /// <param name="http">The request; the query must not use it, because it may be over.</param>
    /// <exception cref="NpgsqlException">Postgres does not respond in time.</exception>
    public static async Task<T> QueryWithTimeoutAsync<TAsked,
        T>(this HttpContext http, Func<TAsked, CancellationToken, Task<T>> ask) where TAsked : notnull
    {
        var aborted = http.RequestAborted;
        try
        {
            return await InScopeAsync(http.RequestServices.GetRequiredService<IServiceScopeFactory>(), ask, aborted)
                .WaitAsync(Timeout + LettingGo, aborted);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private static async Task<T> InScopeAsync<TAsked, T>(
        IServiceScopeFactory scopes, Func<TAsked, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
            where TAsked : notnull
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        await using var scope = scopes.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TAsked>(), timeout.Token);
    }
}
