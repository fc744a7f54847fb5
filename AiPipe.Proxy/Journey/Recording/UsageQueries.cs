using AiPipe.Proxy.Data;
using AiPipe.Proxy.Journey.Budgets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AiPipe.Proxy.Journey.Recording;

/// <summary>What was spent: by one scope from its counter, so that a settled call shows at once; by everybody from Postgres.</summary>
internal sealed class UsageQueries(ISpendCounter counter, CostLedger ledger, IServiceScopeFactory scopes)
{
    /// <summary>How long an answer about everybody waits for the newest entries; with Postgres away it then fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>One scope, as of now.</summary>
    /// <exception cref="NpgsqlException">The scope cannot be read.</exception>
    public ValueTask<ScopeSpend> UsageOfAsync(BudgetScope scope, CancellationToken cancellationToken) =>
        counter.ReadAsync(scope, cancellationToken);

    /// <summary>Every user's cost on every date, by address and date.</summary>
    /// <exception cref="NpgsqlException">Postgres is away, or the newest entries do not reach it.</exception>
    public async Task<IReadOnlyList<UserDay>> AllUsageAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await ReadAllAsync(patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private async Task<IReadOnlyList<UserDay>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var prefix = BudgetScope.UserKey("");
        var days = await scope.ServiceProvider.GetRequiredService<AiPipeDb>().DailySpend.AsNoTracking()
            .Where(spend => spend.Scope.StartsWith(prefix))
            .OrderBy(spend => spend.Scope).ThenBy(spend => spend.Day)
            .Select(spend => new { spend.Scope, spend.Day, spend.Cost })
            .ToListAsync(cancellationToken);
        return [.. days.Select(day => new UserDay(day.Scope[prefix.Length..], day.Day, day.Cost.ToUsd()))];
    }
}

/// <summary>What a user spent on a UTC date, in USD.</summary>
internal sealed record UserDay(string Email, DateOnly Date, decimal Cost);
