using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

internal enum Role
{
    Person,
    Teacher,
    Admin,
}

/// <summary>
/// Section <c>AiPipe:Roles</c>: <c>{ "@staff.example.com": "teacher", "ann@example.com": "admin" }</c>. The most specific name wins, so
/// that <c>"bob@staff.example.com": "person"</c> excludes one person of a domain. Immutable.
/// </summary>
internal sealed class Roles
{
    public static readonly Roles None = new();

    private readonly ByPerson<Role> _roles = new();

    private Roles()
    {
    }

    public Role Of(string email) => _roles.Find(email)?.Value ?? Role.Person;

    /// <exception cref="OptionsValidationException">One line with the invalid key and the fix.</exception>
    public static Roles Read(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of roles by address: { \"ann@example.com\": \"teacher\" }");
        var roles = new Roles();
        foreach (var child in section.GetChildren()) roles._roles[NameOf(child)] = RoleOf(child);
        return roles;
    }

    private static string NameOf(IConfigurationSection entry) =>
        Email.Normalize(entry.Key) is var name && name.Contains('@', StringComparison.Ordinal) && Email.IsUsable(name)
            ? name
            : throw entry.WrongName("is not an e-mail address: write it like ann@example.com, or @example.com for a whole domain");

    private static Role RoleOf(IConfigurationSection entry) => entry.Value?.Trim().ToUpperInvariant() switch
    {
        "PERSON" => Role.Person,
        "TEACHER" => Role.Teacher,
        // Otherwise a new address at the domain could set its own budget.
        "ADMIN" when entry.Key.TrimStart().StartsWith('@') =>
            throw entry.Wrong("would make a whole domain admins: list admins by address"),
        "ADMIN" => Role.Admin,
        _ => throw entry.Wrong("must be \"person\", \"teacher\" or \"admin\""),
    };
}
