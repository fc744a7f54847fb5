using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Usage;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Accounts.People;

internal sealed class Standings(BudgetResolver budgets, UsageQueries usage, IOptionsMonitor<TokenOptions> tokens)
{
    public async Task<PersonInfo> OfAsync(KnownPerson person, CancellationToken cancellationToken)
    {
        var spend = (await usage.UsageOfAsync(budgets.UserScope(person.Email), cancellationToken)).ToContract();
        return new PersonInfo(
            person.Email, person.Name, tokens.CurrentValue.RoleOf(person.Email).ToString()
            .ToLowerInvariant(), budgets.SourceOf(person.Email),
            spend.Limit, spend.Days, spend.Period, spend.Spent, spend.Held, spend.Remaining,
            person.IsDisabled, person.HasPassword, person.LastSeenAt, person.LastCallAt);
    }
}
