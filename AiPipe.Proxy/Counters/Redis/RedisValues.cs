using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

internal static class RedisValues
{
    /// <summary>Amounts are text, so that no library parses them as doubles.</summary>
    public static string Text(this PicoUsd amount) => amount.Value.ToString(CultureInfo.InvariantCulture);

    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    public static IEnumerable<RedisValue> FromTotal(DayTotal total) =>
        [total.Scope, total.Day.DayNumber, total.Cost.Text(), total.Entries, total.Calls];

    public static MonthSpend? Month(RedisResult[]? answer) => answer is [_, var billions, var rest, var calls]
        ? new MonthSpend(PicoUsd.Saturate((Int128)(long)billions * 1_000_000_000 + (long)rest), (long)calls)
        : null;

    /// <summary>Parses a scope's hash.</summary>
    /// <param name="fields">
    /// Alternating names and values: <c>held</c>; by day number the cost in Postgres (<c>b</c>), its number of entries (<c>n</c>) and the
    /// pending cost (<c>o</c>). Numbers of calls (<c>k</c>, <c>w</c>) are ignored here, and pending decreases (<c>c</c>) do not count yet.
    /// </param>
    public static ScopeCounter Scope(RedisResult fields)
    {
        var flat = (string[])fields!;
        var counter = new ScopeCounter();
        for (var i = 0; i + 1 < flat.Length; i += 2)
        {
            var (name, value) = (flat[i], flat[i + 1]);
            if (name == "held") counter.Reserved = Number(value);
            else if (int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                var (day, amount) = (DateOnly.FromDayNumber(number), new PicoUsd(Number(value)));
                if (name[0] == 'b') counter.Take(new DayTotal("", day, amount, 0, 0));
                else if (name[0] == 'o') counter.Spend(day, amount, calls: 0);
            }
        }
        return counter;
    }
}

/// <summary>Keys used outside of scripts. One hash tag lets a script change all scopes of a call.</summary>
internal static class RedisKeys
{
    public const string Epoch = "{aipipe}:epoch";
}
