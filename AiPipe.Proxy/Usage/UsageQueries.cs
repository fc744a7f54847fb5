using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AiPipe.Proxy.Usage;

/// <summary>Reads spending: of one scope from its counter, so that it is current; of everyone from Postgres.</summary>
internal sealed class UsageQueries(ISpendCounter counter, CostLedger ledger, IServiceScopeFactory scopes)
{
    /// <summary>How long a report about everyone waits for the newest entries; while Postgres is unavailable it then fails.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public ValueTask<ScopeSpend> UsageOfAsync(BudgetScope scope, CancellationToken cancellationToken) =>
        counter.ReadAsync(scope, cancellationToken);

    /// <summary>Every user's cost by address and date.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable, or the newest entries cannot be written.</exception>
    public Task<IReadOnlyList<UserDay>> AllUsageAsync(CancellationToken cancellationToken) => BoundedAsync(ReadAllAsync, cancellationToken);

    /// <summary>The records of a list. The address is the part after the kind in the counter's name.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable, or the newest entries cannot be written.</exception>
    public Task<IReadOnlyList<UsageRecord>> RecordsAsync(UsageList list, CancellationToken cancellationToken) =>
        BoundedAsync(token => ReadAsync(list, token), cancellationToken);

    private static async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            return await read(timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }

    private async Task<IReadOnlyList<UsageRecord>> ReadAsync(UsageList list, CancellationToken cancellationToken)
    {
        await ledger.FlushAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var prefix = BudgetScope.UserKey("");
        var days = scope.ServiceProvider.GetRequiredService<AiPipeDb>().DailySpend.AsNoTracking();
        days = list.Scope is { } one ? days.Where(day => day.Scope == one) : days.Where(day => day.Scope.StartsWith(prefix));
        if (list.Month is { } first)
        {
            var last = new DateOnly(first.Year, first.Month, DateTime.DaysInMonth(first.Year, first.Month));
            days = days.Where(day => day.Day >= first && day.Day <= last);
        }
        var sorted = list.Sort switch
        {
            UsageSort.Email => days.OrderByDescending(day => day.Scope),
            UsageSort.Cost => days.OrderByDescending(day => day.Cost),
            UsageSort.Requests => days.OrderByDescending(day => day.Calls),
            _ => days.OrderByDescending(day => day.Day),
        };
        var page = await sorted.ThenByDescending(day => day.Day).ThenBy(day => day.Scope).Skip(list.Skip).Take(list.Limit)
            .ToListAsync(cancellationToken);
        return [.. page.Select(
            day => new UsageRecord(
            day.Scope[(day.Scope.IndexOf(':', StringComparison.Ordinal) + 1)..], day.Day, day.Cost.ToUsd(), day.Calls))];
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
