using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// Section <c>AiPipe:Budgets:Together</c>: shared limits of everyone, a domain or a team, and of all spending on a model, at a provider or
/// through an app. They limit the operator's own bill.
/// </summary>
internal sealed record SharedLimits
{
    public static readonly SharedLimits None = new();

    public ScopeLimit? Everyone { get; init; }
    /// <summary>By domain, with its @.</summary>
    public ByPerson<ScopeLimit> Domains { get; init; } = new();
    public IReadOnlyDictionary<string, ScopeLimit> Teams { get; init; } = new Dictionary<string, ScopeLimit>();
    /// <summary>Who belongs to which team. Read together with the limits, so that they fit each other.</summary>
    public TeamOptions Members { get; init; } = new();
    public CallLimits Calls { get; init; } = CallLimits.None;

    public bool IsEmpty => Everyone is null && Domains.Count == 0 && Teams.Count == 0 && Calls.IsEmpty;

    public static SharedLimits Read(IConfigurationSection section, LimitReader reader, TeamOptions teams)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of budgets, such as { \"*\": { \"Limit\": 100, \"Period\": \"month\" } }");
        ScopeLimit? everyone = null;
        var domains = new ByPerson<ScopeLimit>();
        foreach (var child in section.GetChildren())
        {
            if (child.Key == "*") everyone = new ScopeLimit("everyone", "*", BudgetReader.Read(child));
            else if (child.Key is ['@', _, ..]) domains[child.Key] =
                new ScopeLimit("domain", child.Key.ToLowerInvariant(), BudgetReader.Read(child));
            else if (!LimitReader.IsGroup(child.Key) && !child.Key.Equals(nameof(Teams), StringComparison.OrdinalIgnoreCase))
                throw child.Wrong("is not known here: use \"*\" for everyone, \"@domain\", Models, Providers, Teams or Apps");
        }
        return new SharedLimits
        {
            Everyone = everyone,
            Domains = domains,
            Teams = LimitReader.ByName(section.GetSection(nameof(Teams)), "team", name => teams.Names.Contains(name)
                ? null
                : $"is not a team: define it in AiPipe:Teams, such as {{ \"{name}\": {{ \"Members\": [ \"ann@example.com\" ] }} }}"),
            Members = teams,
            Calls = reader.Read(section),
        };
    }

    public void AddMatching(List<BudgetScope> scopes, string email, string? app, CallTarget target)
    {
        if (Everyone is not null) scopes.Add(Everyone.ScopeFor(email: null));
        if (Domains.TryGetOfDomain(email, out var domain)) scopes.Add(domain.ScopeFor(email: null));
        if (Teams.Count > 0)
        {
            foreach (var team in Members.TeamsOf(email))
                if (Teams.TryGetValue(team, out var limit)) scopes.Add(limit.ScopeFor(email: null));
        }
        Calls.AddMatching(scopes, email: null, app, target);
    }
}
