using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using StackExchange.Redis;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>How our values look in Redis.</summary>
internal static class RedisValues
{
    /// <summary>Amounts travel as text: no library between here and the server may take them for doubles.</summary>
    public static string Text(this PicoUsd amount) => amount.Value.ToString(CultureInfo.InvariantCulture);

    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    public static IEnumerable<RedisValue> FromTotal(DayTotal total) => [total.Scope, total.Day.DayNumber, total.Cost.Text(), total.Entries, total.Calls];

    /// <summary>What <see cref="LuaParts.Sum"/> says; <c>null</c> when it does not know.</summary>
    public static MonthSpend? Month(RedisResult[]? answer) => answer is [_, var billions, var rest, var calls]
        ? new MonthSpend(PicoUsd.Saturate((Int128)(long)billions * 1_000_000_000 + (long)rest), (long)calls)
        : null;

    /// <summary>A scope's numbers from its hash.</summary>
    /// <param name="fields">Names and values in turn: <c>held</c>; for each day by number what Postgres has (<c>b</c>) in how many
    /// entries (<c>n</c>), and what is on its way there (<c>o</c>); how many calls those are (<c>k</c>, <c>w</c>) is not asked here. Corrections downwards on their way (<c>c</c>) do not count yet.</param>
    public static ScopeCounter Scope(RedisResult fields)
    {
        var flat = (string[])fields!;
        var counter = new ScopeCounter();
        for (var i = 0; i + 1 < flat.Length; i += 2)
        {
            var (name, value) = (flat[i], flat[i + 1]);
            if (name == "held") counter.Held = Number(value);
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

/// <summary>The keys that are named outside of scripts. All keys have one hash tag: a call's scopes change in one script.</summary>
internal static class RedisKeys
{
    public const string Epoch = "{aipipe}:epoch";
}
