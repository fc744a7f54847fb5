using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages;

/// <summary>Names of the classes and API keys that budgets and calls refer to by id.</summary>
public sealed class BudgetNames
{
    private const string ClassSource = "class:";

    private static readonly ClassList NoClasses = new([], []);

    private readonly Dictionary<string, (string Name, DateOnly EndsOn)> _classes;
    private readonly Dictionary<string, string> _keys;

    private BudgetNames(ClassList classes, IEnumerable<KeyInfo> keys)
    {
        _classes = classes.MemberOf.ToDictionary(joined => joined.Id.ToString(), joined => (joined.Name, joined.EndsOn));
        foreach (var taught in classes.Teaching) _classes[taught.Id.ToString()] = (taught.Name, taught.EndsOn);
        _keys = keys.ToDictionary(key => key.Id.ToString(), key => key.Name);
    }

    /// <summary>Loads the names of the budgets that a person sees of themselves.</summary>
    internal static async Task<BudgetNames> LoadAsync(
        GatewayClient gateway, IReadOnlyList<UsageScope> scopes, CancellationToken cancellationToken)
    {
        var classes = scopes.Any(scope => scope.Kind == "class") ? await gateway.GetClassesAsync(cancellationToken) : NoClasses;
        var keys = scopes.Any(scope => scope.Kind == "key") ? await gateway.GetKeysAsync(cancellationToken) : [];
        return new BudgetNames(classes, keys);
    }

    /// <summary>Loads the names in one call's details.</summary>
    internal static async Task<BudgetNames> LoadAsync(
        GatewayClient gateway, CallDetails call, bool isAdmin, CancellationToken cancellationToken)
    {
        var hasClass = call.Scopes?.Any(scope => scope.Contains("-class:", StringComparison.Ordinal)) == true;
        var (classes, keys) = (NoClasses, (IReadOnlyList<KeyInfo>)[]);
        if (hasClass)
            classes = await (isAdmin ? gateway.GetAllClassesAsync(cancellationToken) : gateway.GetClassesAsync(cancellationToken));
        if (call.Key is not null)
            keys = await (call.User is { } user ? gateway.GetKeysAsync(user, cancellationToken) : gateway.GetKeysAsync(cancellationToken));
        return new BudgetNames(classes, keys);
    }

    /// <summary>Loads the names of classes among <paramref name="references"/>, such as <c>class:ID</c> and <c>class/ID</c>.</summary>
    internal static async Task<BudgetNames> LoadAsync(
        GatewayClient gateway, IEnumerable<string?> references, CancellationToken cancellationToken)
    {
        var hasClass = references.Any(reference => reference?.StartsWith("class", StringComparison.Ordinal) == true);
        return new BudgetNames(hasClass ? await gateway.GetAllClassesAsync(cancellationToken) : NoClasses, []);
    }

    /// <summary>Whose budget it is, as a person reads it of themselves.</summary>
    public string Describe(UsageScope scope) => Describe(scope.Kind, scope.Name, scope.Together);

    /// <summary>The last day of a class that a budget belongs to.</summary>
    public DateOnly? EndOf(UsageScope scope) =>
        scope.Kind == "class" && _classes.TryGetValue(scope.Name, out var found) ? found.EndsOn : null;

    /// <summary>A key's name; a deleted key has none.</summary>
    public string? Key(Guid? id) => id is { } key ? _keys.GetValueOrDefault(key.ToString(), "a deleted key") : null;

    /// <summary>A counter of the ledger, such as <c>user:ann@example.com</c> or <c>together-class:ID</c>.</summary>
    public string Describe(string scope)
    {
        var (kind, name) = scope.Split(':', 2) is [var before, var after] ? (before, after) : (scope, "");
        var isShared = kind.StartsWith("together-", StringComparison.Ordinal);
        if (kind == "user") return name;
        if (!isShared) name = name[(name.IndexOf('|', StringComparison.Ordinal) + 1)..];
        return Describe(kind[(kind.IndexOf('-', StringComparison.Ordinal) + 1)..], name, isShared);
    }

    /// <summary>The subject of an audit entry, such as <c>class/ID</c>.</summary>
    public string Subject(string subject) =>
        subject.StartsWith("class/", StringComparison.Ordinal) ? ClassName(subject["class/".Length..]) : subject;

    /// <summary>Where a person's budget comes from: an address, <c>@domain</c>, <c>*</c> or a class.</summary>
    public string? Source(string? source) => source switch
    {
        "*" => "all people (*)",
        not null when source.StartsWith(ClassSource, StringComparison.Ordinal) => ClassName(source[ClassSource.Length..]),
        _ => source,
    };

    private string Describe(string kind, string name, bool isShared) => (kind, isShared) switch
    {
        ("user", _) => "Your budget",
        ("class", true) => $"{ClassName(name)}, whole class",
        ("class", _) => $"{ClassName(name)}, your share",
        ("key", _) => $"Key {_keys.GetValueOrDefault(name, "(deleted)")}",
        ("everyone", _) => "All users, shared",
        (_, true) => $"{char.ToUpperInvariant(kind[0])}{kind[1..]} {name}, shared",
        _ => $"{char.ToUpperInvariant(kind[0])}{kind[1..]} {name}",
    };

    private string ClassName(string id) => _classes.TryGetValue(id, out var found) ? found.Name : "A class that has ended";
}
