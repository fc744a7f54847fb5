using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Bounds how long a health check takes. The clients of Postgres and Redis ignore cancellation while a frozen server keeps their
/// connection open, so a slow check is left running, and the next requests wait for the same one instead of starting more.
/// After a first success, a failure is only <see cref="HealthStatus.Degraded"/>: calls continue during an outage of Redis or Postgres, but
/// would fail if the platform took all replicas out of service.
/// </summary>
internal sealed class TimedHealthCheck(Func<IServiceProvider, IHealthCheck> create, IServiceScopeFactory scopes) : IHealthCheck
{
    /// <summary>Short enough for <c>/health</c> to respond within two seconds.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1.5);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _running;
    private volatile bool _hasSucceeded;

    /// <summary>Adds the timeout to the factory of a registration.</summary>
    public static Func<IServiceProvider, IHealthCheck> Wrap(Func<IServiceProvider, IHealthCheck> create)
    {
        TimedHealthCheck? wrapped = null;
        return services => wrapped ??= new(create, services.GetRequiredService<IServiceScopeFactory>());
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = await CheckInTimeAsync(context, cancellationToken);
        if (result.Status == HealthStatus.Healthy) _hasSucceeded = true;
        return result.Status == HealthStatus.Unhealthy && _hasSucceeded
            ? HealthCheckResult.Degraded(result.Description, result.Exception)
            : result;
    }

    private async Task<HealthCheckResult> CheckInTimeAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await RunOnce(context).WaitAsync(Timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"No response within {Timeout.TotalSeconds} seconds.");
        }
    }

    private Task<HealthCheckResult> RunOnce(HealthCheckContext context)
    {
        lock (_gate)
        {
            if (_running is null or { IsCompleted: true }) _running = Task.Run(() => RunAsync(context));
            return _running;
        }
    }

    // In its own scope, because the scope of the request ends while a slow check still runs.
    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await create(scope.ServiceProvider).CheckHealthAsync(context, CancellationToken.None);
    }
}
