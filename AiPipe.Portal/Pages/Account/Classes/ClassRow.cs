namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>A class in a list, as its teacher or a member sees it.</summary>
/// <param name="Id">The class.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartsOn">The first UTC date on which it pays.</param>
/// <param name="EndsOn">The last one.</param>
/// <param name="Running">It pays today.</param>
/// <param name="Budget">Each member's, such as "$1.00 in 7 days".</param>
/// <param name="Models">The models that it pays for; empty = every model.</param>
public sealed record ClassRow(Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, bool Running, string Budget, IReadOnlyList<string> Models)
{
    /// <summary>A class as its teacher sees it.</summary>
    public static ClassRow From(ClassInfo taught) => new(
        taught.Id, taught.Name, taught.StartsOn, taught.EndsOn, taught.Running, BudgetText(taught.Limit, taught.Days, taught.Period), taught.Models);

    /// <summary>A class as a member sees it.</summary>
    public static ClassRow From(JoinedClass joined) => new(
        joined.Id, joined.Name, joined.StartsOn, joined.EndsOn, joined.Running, BudgetText(joined.Limit, joined.Days, joined.Period), joined.Models);

    private static string BudgetText(decimal limit, int? days, string? period) =>
        TagHelpers.Usd.Text(limit) + (period is not null ? $" a {period}" : days is not null ? $" in {days} days" : " in all");
}
