using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.TagHelpers;

namespace AiPipe.Portal.Pages;

/// <summary>How pages describe budgets.</summary>
internal static class BudgetText
{
    /// <summary>Kinds of budgets that limit some calls only.</summary>
    private static readonly string[] PartialKinds = ["model", "provider", "app"];

    /// <summary>Such as "$1.00 in any 7 days". Without days and period the limit holds for the whole time of a class.</summary>
    public static string Amount(decimal limit, int? days, string? period) => $"{Usd.Text(limit)} {Window(days, period)}";

    /// <summary>Such as "in any 7 days" or "per month".</summary>
    public static string Window(int? days, string? period) => (days, period) switch
    {
        (_, { } named) => $"per {named}",
        (1, _) => "per day",
        ({ } count, _) => string.Create(CultureInfo.InvariantCulture, $"in any {count} days"),
        _ => "in total",
    };

    /// <summary>A budget of the settings.</summary>
    /// <param name="value">The setting's value.</param>
    /// <param name="rest">Its other limits, of models, providers and apps, as JSON; <c>null</c> = none.</param>
    public static string FromSetting(JsonElement? value, out string? rest)
    {
        rest = null;
        if (value is not { ValueKind: JsonValueKind.Object } budget) return JsonText.Line(value);
        var fields = JsonObject.Create(budget, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!;
        var (limit, days, period) = (Take(fields, "Limit"), (int?)Take(fields, "Days"), fields["Period"]?.ToString());
        fields.Remove("Period");
        if (fields.Count > 0) rest = JsonText.Line(JsonSerializer.SerializeToElement(fields));
        return limit is { } usd ? Amount(usd, days, period) : "no limit of its own";
    }

    /// <summary>Why a person can spend nothing or hardly anything now, and when that changes; <c>null</c> while more is left.</summary>
    /// <param name="usage">The person's budgets; a shared one can be used up before their own.</param>
    /// <param name="names">Names of the classes and keys among them.</param>
    /// <param name="today">The current UTC date.</param>
    public static string? Warning(UsageReport usage, BudgetNames names, DateOnly today)
    {
        if (usage.Limit <= 0) return "You have no budget here. Ask an administrator for one. Free models work without it.";
        var overall = usage.Scopes.Where(scope => !PartialKinds.Contains(scope.Kind));
        if (overall.MinBy(scope => scope.Remaining) is not { } least || least.Remaining * 100 >= least.Limit) return null;
        var limit = Usd.Text(least.Limit);
        var budget = least.Kind == "user" ? $"your {limit}{Span(least)}" : $"the {limit} of {names.Describe(least)}";
        // Money is left to spend, but calls that are not over have reserved it.
        if (least.Spent * 100 < least.Limit * 99)
            return $"Running calls have reserved the rest of {budget}. What they do not use is available again when they end.";
        var left = least.Remaining > 0 ? Usd.Text(least.Remaining) : null;
        var used = (least.Kind, left) switch
        {
            ("user", null) => $"You've used {budget}.",
            ("user", _) => $"You've used nearly all of {budget}: {left} is left.",
            (_, null) => $"Nothing is left of {budget}.",
            _ => $"Only {left} is left of {budget}.",
        };
        // A class's budget for all of its time never starts anew.
        if (least is { Days: null, Period: null }) return $"{used} The teacher can raise it.";
        return $"{used} More from {Dates.Long(DateOnly.FromDateTime(least.ResetsAt), today)}.";
    }

    // Values of files are strings.
    private static decimal? Take(JsonObject fields, string name)
    {
        if (!decimal.TryParse(fields[name]?.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return null;
        fields.Remove(name);
        return value;
    }

    private static string Span(UsageScope scope) => (scope.Days, scope.Period) switch
    {
        (_, { } period) => $" for this {period}",
        (1, _) => " for today",
        ({ } days, _) => string.Create(CultureInfo.InvariantCulture, $" for these {days} days"),
        _ => "",
    };
}
