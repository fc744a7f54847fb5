using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Budgets;

/// <summary>Section <c>AiPipe:Teams</c>: addresses or whole <c>@domain</c>s; a person may be in several teams.</summary>
internal sealed class TeamOptions
{
    public const string Section = "AiPipe:Teams";

    private readonly ByPerson<List<string>> _teamsOfMember = new();

    public SortedSet<string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> TeamsOf(string email)
    {
        var own = _teamsOfMember.TryGet(email, out var teams) ? teams : [];
        if (!_teamsOfMember.TryGetOfDomain(email, out var domains)) return own;
        return own.Count == 0 ? domains : [.. own.Union(domains, StringComparer.Ordinal)];
    }

    public void Read(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of teams: { \"physics\": { \"Members\": [ \"ann@example.com\", \"@school.example\" ] } }");
        foreach (var team in section.GetChildren())
        {
            team.RefuseOthersThan([nameof(Members)]);
            var name = team.Key.ToLowerInvariant();
            Names.Add(name);
            foreach (var member in Members(team).Distinct(StringComparer.Ordinal))
            {
                if (!_teamsOfMember.TryGet(member, out var teams)) _teamsOfMember[member] = teams = [];
                teams.Add(name);
            }
        }
    }

    private static IEnumerable<string> Members(IConfigurationSection team)
    {
        var members = team.GetSection(nameof(Members));
        foreach (var text in members.Texts())
        {
            var member = Email.Normalize(text);
            if (member.LastIndexOf('@') is < 0 || member.EndsWith('@') || !Email.IsUsable(member))
                throw members.Wrong($"has \"{text}\", which is not a member: use addresses such as ann@example.com, or @school.example "
                    + "for a whole domain");
            yield return member;
        }
    }
}
