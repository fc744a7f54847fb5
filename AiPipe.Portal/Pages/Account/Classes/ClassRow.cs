namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>A class in a list, as its teacher or a member sees it.</summary>
public sealed record ClassRow(
    Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, bool Running, string Budget, IReadOnlyList<string> Models,
    bool OnlyTheseModels)
{
    public static ClassRow From(ClassInfo taught) => new(
        taught.Id, taught.Name, taught.StartsOn, taught.EndsOn, taught.Running,
        BudgetText.Amount(taught.Limit, taught.Days, taught.Period), taught.Models, taught.OnlyTheseModels);

    public static ClassRow From(JoinedClass joined) => new(
        joined.Id, joined.Name, joined.StartsOn, joined.EndsOn, joined.Running,
        BudgetText.Amount(joined.Limit, joined.Days, joined.Period), joined.Models, joined.OnlyTheseModels);
}
