using Npgsql;

namespace AiPipe.Proxy.Infrastructure.Postgres;

/// <summary>Questions of endpoints to Postgres: answered, or given up soon enough that somebody is still there to hear of it.</summary>
internal static class QueryTimeouts
{
    /// <summary>How long a question waits for Postgres. The first one after the start waits for EF to prepare its queries, too.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a command that is cancelled may take to end.</summary>
    private static readonly TimeSpan LettingGo = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Asks something that asks Postgres, and waits for the answer, but not for ever: EF tries for a minute, and cancelling a command waits for a
    /// server that has stopped where it stands. What is asked has a scope of its own and ends in it by itself.
    /// </summary>
    /// <param name="http">The request; what is asked must not touch it, since it may be over.</param>
    /// <param name="ask">The question.</param>
    /// <exception cref="NpgsqlException">Postgres does not answer in time.</exception>
    public static async Task<T> QueryWithTimeoutAsync<TAsked, T>(this HttpContext http, Func<TAsked, CancellationToken, Task<T>> ask) where TAsked : notnull
    {
        var aborted = http.RequestAborted;
        try
        {
            return await InScopeAsync(http.RequestServices.GetRequiredService<IServiceScopeFactory>(), ask, aborted).WaitAsync(Timeout + LettingGo, aborted);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private static async Task<T> InScopeAsync<TAsked, T>(
        IServiceScopeFactory scopes, Func<TAsked, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) where TAsked : notnull
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        await using var scope = scopes.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TAsked>(), timeout.Token);
    }
}
