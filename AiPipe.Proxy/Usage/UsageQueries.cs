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
    public async Task<IReadOnlyList<UserDay>> AllUsageAsync(CancellationToken cancellationToken)
    {
        var days = await ReadAsync(
            static spend => OfUsers(spend).OrderBy(day => day.Scope).ThenBy(day => day.Day), cancellationToken);
        return [.. days.Select(day => new UserDay(NameOf(day.Scope), day.Day, day.Cost.ToUsd()))];
    }

    /// <summary>The records of a list.</summary>
    /// <exception cref="NpgsqlException">Postgres is unavailable, or the newest entries cannot be written.</exception>
    public async Task<IReadOnlyList<UsageRecord>> RecordsAsync(UsageList list, CancellationToken cancellationToken)
    {
        var days = await ReadAsync(spend => Page(spend, list), cancellationToken);
        return [.. days.Select(day => new UsageRecord(NameOf(day.Scope), day.Day, day.Cost.ToUsd(), day.Calls))];
    }

    private static IQueryable<DailySpend> OfUsers(IQueryable<DailySpend> spend)
    {
        var prefix = BudgetScope.UserKey("");
        return spend.Where(day => day.Scope.StartsWith(prefix));
    }

    private static IQueryable<DailySpend> Page(IQueryable<DailySpend> spend, UsageList list)
    {
        var days = list.Scope is { } one ? spend.Where(day => day.Scope == one) : OfUsers(spend);
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
        return sorted.ThenByDescending(day => day.Day).ThenBy(day => day.Scope).Skip(list.Skip).Take(list.Limit);
    }

    /// <summary>The part after the kind: of a user's counter, the address.</summary>
    private static string NameOf(string scope) => scope[(scope.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>Reads totals by date, everything settled so far included.</summary>
    private async Task<List<DailySpend>> ReadAsync(
        Func<IQueryable<DailySpend>, IQueryable<DailySpend>> query, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await ledger.FlushAsync(timeout.Token);
            await using var scope = scopes.CreateAsyncScope();
            var spend = scope.ServiceProvider.GetRequiredService<AiPipeDb>().DailySpend.AsNoTracking();
            return await query(spend).ToListAsync(timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NpgsqlException("Postgres does not answer in time.", e);
        }
    }
}
