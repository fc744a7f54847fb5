using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Budgets;

/// <summary>Which class pays, and until when.</summary>
public sealed class ClassBudgetCacheTests
{
    private const string Ann = "ann@example.com";

    private readonly StillClock _clock = new();
    private readonly ClassBudgetCache _book;

    public ClassBudgetCacheTests() => _book = new ClassBudgetCache(_clock);

    [Fact]
    public void Class_pays_from_its_first_midnight_to_its_last_and_no_longer()
    {
        var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
        _book.Replace([(Ann, Class(1, today.AddDays(1), today.AddDays(1)))]);
        Assert.Null(_book.PayingFor(Ann, CallTarget.None));
        MoveToMidnight();
        Assert.NotNull(_book.PayingFor(Ann, CallTarget.None));
        _clock.Milliseconds += (long)TimeSpan.FromDays(1).TotalMilliseconds - 1;
        Assert.NotNull(_book.PayingFor(Ann, CallTarget.None));
        _clock.Milliseconds += 1;
        Assert.Null(_book.PayingFor(Ann, CallTarget.None));
    }

    [Fact]
    public void Asking_costs_no_memory()
    {
        var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
        _book.Replace([(Ann, Class(1, today, today)), (Ann, Class(2, today, today))]);
        var target = new CallTarget("openai", "gpt-4o-mini", Family: null);
        for (var warm = 0; warm < 100; warm++) Ask();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Ask();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ask()
        {
            _book.PayingFor(Ann, target);
            _book.PayingFor("nobody@example.com", target);
        }
    }

    [Fact]
    public void Limit_of_a_whole_class_counts_all_of_its_time()
    {
        var window = new BudgetWindow.Dates(new DateOnly(2026, 9, 1), new DateOnly(2026, 12, 20));
        Assert.Equal(new DateOnly(2026, 9, 1), window.From(new DateOnly(2026, 11, 21)));
        Assert.Equal(new DateOnly(2026, 12, 21), window.ResetsOn(new DateOnly(2026, 11, 21)));
    }

    private void MoveToMidnight() =>
        _clock.Milliseconds += (long)(TimeSpan.FromDays(1) - _clock.GetUtcNow().TimeOfDay).TotalMilliseconds;

    private static ClassBudget Class(decimal limit, DateOnly first, DateOnly last) => new(
        Guid.NewGuid(), "Physics", new BudgetWindow.Dates(first, last), new Budget(PicoUsd.FromUsd(limit), new BudgetWindow.LastDays(7)),
            [], together: null);
}
