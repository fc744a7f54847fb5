#if !ASPIRE
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AiPipe.ServiceDefaults;

/// <summary>Healthy while the database answers.</summary>
internal sealed class DatabaseHealth<TContext>(IDbContextFactory<TContext> contexts) : IHealthCheck where TContext : DbContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Whoever asks wants to know now, not after the retries that the context makes for a database that is away.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(patience.Token);
            if (await db.Database.CanConnectAsync(patience.Token)) return HealthCheckResult.Healthy();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Said below, like a plain no.
        }
        return new HealthCheckResult(context.Registration.FailureStatus, "The database does not answer.");
    }
}
#endif
