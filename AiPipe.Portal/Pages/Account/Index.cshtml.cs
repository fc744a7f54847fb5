using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using AiPipe.Portal.TagHelpers;

namespace AiPipe.Portal.Pages.Account;

/// <summary>A person's budget, token and latest calls.</summary>
public sealed class IndexModel(TimeProvider clock) : PortalPage
{
    private const int LatestCalls = 5;

    public UsageReport Usage { get; private set; } = null!;
    public BudgetNames Names { get; private set; } = null!;
    public IReadOnlyList<CallInfo> Calls { get; private set; } = [];
    public string Token { get; private set; } = "";

    /// <summary>The window of the person's own budget.</summary>
    public string Window => Usage.Scopes.FirstOrDefault(scope => scope.Kind == "user") is { } own
        ? BudgetText.Window(own.Days, own.Period)
        : BudgetText.Window(Usage.Days, period: null);

    public string? Warning => BudgetText.Warning(Usage, Names, clock.Today());

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Names = await BudgetNames.LoadAsync(Gateway, Usage.Scopes, cancellationToken);
        Calls = (await Gateway.GetCallsAsync(new CallFilter { Limit = LatestCalls }, allUsers: false, cancellationToken)).Calls;
        Token = User.Token()!;
    }
}
