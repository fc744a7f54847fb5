namespace AiPipe.Proxy.Budgets;

/// <summary>One counter in which a call is reserved.</summary>
/// <param name="Key">
/// <c>kind:name</c>, lower case and unique: <c>user:ann@example.com</c> (a person), <c>app:ann@example.com|https://a.example</c> (an app's
/// allowance), <c>user-model:ann@example.com|gpt-4o</c> (a personal limit; likewise <c>user-provider</c>, <c>user-app</c>, and by ids
/// <c>user-class</c> and <c>user-key</c>), or <c>together-model:gpt-4o</c> (a shared limit; likewise <c>together-provider</c>,
/// <c>-app</c>, <c>-team</c>, <c>-class</c>, <c>-domain</c>, <c>-everyone</c>).
/// </param>
internal sealed record BudgetScope(string Key, Budget Budget)
{
    private const string Own = "user-";
    private const string Together = "together-";

    public static string UserKey(string email) => $"user:{email}";
    public static string AppKey(string email, string origin) => $"app:{Escaped(email)}|{origin}";

    public static string PersonalKey(string kind, string email, string name) => $"{Own}{kind}:{Escaped(email)}|{name}";

    public static string SharedKey(string kind, string name) => $"{Together}{kind}:{name}";

    /// <summary>The first date that the counter must know: of its window and of the month, plus a day for calls at its end.</summary>
    public DateOnly KnownFrom(DateOnly today)
    {
        var (window, month) = (Budget.Window.From(today), today.AddDays(-1).WholeMonth.First);
        return IsPersons && month < window ? month : window;
    }

    public bool IsShared => Key.StartsWith(Together, StringComparison.Ordinal);

    public bool IsPersons => Key.StartsWith("user:", StringComparison.Ordinal);

    /// <summary>It limits all spending of a user, of an app in the user's name, or of a user's key, not a part of it.</summary>
    public bool IsOverall =>
        IsPersons || Key.StartsWith("app:", StringComparison.Ordinal) || Key.StartsWith("user-key:", StringComparison.Ordinal);

    /// <summary>What it limits: user, app, key, model, provider, team, class, domain or everyone.</summary>
    public string Kind
    {
        get
        {
            var kind = Key[..Key.IndexOf(':', StringComparison.Ordinal)];
            return kind[(IsShared ? Together.Length : kind.StartsWith(Own, StringComparison.Ordinal) ? Own.Length : 0)..];
        }
    }

    /// <summary>The address, the configured model, the app's origin, …</summary>
    public string Name
    {
        get
        {
            var name = Key[(Key.IndexOf(':', StringComparison.Ordinal) + 1)..];
            return IsShared || Kind == "user" ? name : name[(name.IndexOf('|', StringComparison.Ordinal) + 1)..];
        }
    }

    /// <summary>An unescaped bar in an address could make two keys equal.</summary>
    private static string Escaped(string email) => email.AsSpan().ContainsAny('|', '%')
        ? email.Replace("%", "%25", StringComparison.Ordinal).Replace("|", "%7c", StringComparison.Ordinal)
        : email;
}
