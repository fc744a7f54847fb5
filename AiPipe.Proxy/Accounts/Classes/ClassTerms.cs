using System.Globalization;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>A teacher's terms of a class: validated, normalized and within the limits.</summary>
internal sealed record ClassTerms(
    string Name, DateOnly StartsOn, DateOnly EndsOn, PicoUsd Limit, int? Days, IReadOnlyList<string> Models, bool OnlyTheseModels,
    PicoUsd? TogetherLimit)
{
    /// <summary>In days; three years.</summary>
    public const int MaxLength = 1096;
    private const int MaxModels = 50;

    public static (ClassTerms? Terms, Refusal? Refusal) Read(ClassRequest request, ClassOptions? limits, DateOnly today)
    {
        if (ShownName.FromText(request.Name) is not { } name) return Wrong("Give the class a \"name\".", "name");
        if (request is not { StartsOn: { } starts, EndsOn: { } ends } || ends < starts)
            return Wrong("The fields \"starts_on\" and \"ends_on\" must be dates (YYYY-MM-DD), in this order.",
                request.StartsOn is null ? "starts_on" : "ends_on");
        var length = ends.DayNumber - starts.DayNumber + 1;
        if (length > MaxLength || starts.DayNumber > today.DayNumber + MaxLength || ends < today)
            return Wrong(Text($"A class ends today or later, begins within {MaxLength} days and takes at most {MaxLength} days."),
                starts.DayNumber > today.DayNumber + MaxLength ? "starts_on" : "ends_on");
        if (request.Limit is not (> 0 and <= BudgetOptions.MaxLimit and var limit)) return Wrong(
            "The field \"limit\" must be a number of USD above 0.", "limit");
        if (limits is not null && limit > limits.MostPerPerson)
            return Wrong(Text($"A class may give each member at most {limits.MostPerPerson} USD here. An administrator can give more."),
                "limit");
        if (request.Period is not null and not "month" || (request.Period is not null && request.Days is not null))
            return Wrong("Give \"days\", or \"period\": \"month\", or neither for the class's whole duration.", "period");
        if (request.Days is < 1 or > BudgetOptions.MaxDays) return Wrong(
            Text($"The field \"days\" must be from 1 to {BudgetOptions.MaxDays}."), "days");
        var models = (request.Models ?? []).Select(static model => model?.Trim() ?? "").Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (models.Count > MaxModels || models.Exists(static model => !IsPattern(model)))
            return Wrong(Text($"The field \"models\" must have at most {MaxModels} names, such as gpt-4o or gpt-4o*."), "models");
        if (request.OnlyTheseModels == true && models.Count == 0)
            return Wrong("With \"only_these_models\", name at least one model in \"models\".", "models");
        var together = request.TogetherLimit ?? limits?.MostTogether;
        if (together is <= 0 or > BudgetOptions.MaxLimit) return Wrong(
            "The field \"together_limit\" must be a number of USD above 0.", "together_limit");
        if (limits is not null && together > limits.MostTogether)
            return Wrong(Text($"A class may spend at most {limits.MostTogether} USD here. An administrator can let it spend more."),
                "together_limit");
        return (new ClassTerms(name, starts, ends, PicoUsd.FromUsd(limit), request.Period is null ? request.Days ?? length : null, models,
            request.OnlyTheseModels == true, together is { } most ? PicoUsd.FromUsd(most) : null), null);
    }

    private static bool IsPattern(string model) =>
        model.Length is > 0 and <= LimitReader.MaxNameLength && !model.AsSpan(..^1).Contains('*')
        && model.EnumerateRunes().All(static rune => !System.Text.Rune.IsControl(rune) && !ShownName.IsHidden(rune));

    private static (ClassTerms?, Refusal?) Wrong(string message, string param) => (null, Refusal.InvalidRequest(message, param));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
