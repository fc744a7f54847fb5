namespace AiPipe.Proxy.Accounts.Classes;

internal static class ClassContracts
{
    public static JoinedClass Joined(TaughtClass taught, DateOnly today) => new(
        taught.Id, taught.Name, taught.StartsOn, taught.EndsOn, taught.Limit.ToUsd(), taught.Days, PeriodOf(taught.Days), taught.Models,
            taught.OnlyTheseModels, taught.RunsOn(today));

    public static ClassInfo Shown(TaughtClass taught, int members, string origin, DateOnly today) => new(
        taught.Id, taught.Name, taught.Owner, taught.StartsOn, taught.EndsOn, taught.RunsOn(today), taught.Limit.ToUsd(), taught.Days,
            PeriodOf(taught.Days),
        taught.Models, taught.OnlyTheseModels, taught.TogetherLimit?.ToUsd(), members, taught.JoinCode,
            $"{origin.TrimEnd('/')}/account/classes?code={taught.JoinCode}",
        taught.CreatedAt, taught.ArchivedAt);

    private static string? PeriodOf(int? days) => days is null ? "month" : null;
}
