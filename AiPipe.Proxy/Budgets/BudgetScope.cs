namespace AiPipe.Proxy.Budgets;

/// <summary>One counter that a call is held against.</summary>
/// <param name="Key">
/// <c>kind:name</c>, lower case, and for nothing else the same:
/// <list type="table">
/// <item><term><c>user:ann@example.com</c></term><description>a person</description></item>
/// <item><term><c>app:ann@example.com|https://a.example</c></term><description>the slice that a token of theirs is</description></item>
/// <item><term><c>user-model:ann@example.com|gpt-4o</c></term><description>their own limit on a model; likewise <c>user-provider</c>, <c>user-app</c>; and <c>user-class</c> and <c>user-key</c>, by ids</description></item>
/// <item><term><c>together-model:gpt-4o</c></term><description>everybody's; likewise <c>together-provider</c>, <c>-app</c>, <c>-team</c>, <c>-class</c>, <c>-domain</c>, <c>-everyone</c></description></item>
/// </list>
/// </param>
/// <param name="Budget">Its limit.</param>
internal sealed record BudgetScope(string Key, Budget Budget)
{
    private const string Own = "user-";
    private const string Together = "together-";

    public static string UserKey(string email) => $"user:{email}";
    public static string AppKey(string email, string origin) => $"app:{Escaped(email)}|{origin}";

    /// <summary>The key of a person's own limit.</summary>
    public static string PersonalKey(string kind, string email, string name) => $"{Own}{kind}:{Escaped(email)}|{name}";

    /// <summary>The key of a limit of everybody's spending together.</summary>
    public static string SharedKey(string kind, string name) => $"{Together}{kind}:{name}";

    /// <summary>
    /// The first date that its counter must know: of its window and, since people hear what they spent in the month, of theirs. A month is
    /// known for a day longer than it lasts, for calls that end in the next.
    /// </summary>
    public DateOnly KnownFrom(DateOnly today)
    {
        var (window, month) = (Budget.Window.From(today), today.AddDays(-1).WholeMonth.First);
        return IsPersons && month < window ? month : window;
    }

    /// <summary>Everybody's spending is counted in it, not only one person's.</summary>
    public bool IsShared => Key.StartsWith(Together, StringComparison.Ordinal);

    /// <summary>All that a person spends is counted in it, and nothing else.</summary>
    public bool IsPersons => Key.StartsWith("user:", StringComparison.Ordinal);

    /// <summary>It limits all that a user, an app in the user's name, or a key of theirs spends: no part of it, and nobody else's.</summary>
    public bool IsOverall => IsPersons || Key.StartsWith("app:", StringComparison.Ordinal) || Key.StartsWith("user-key:", StringComparison.Ordinal);

    /// <summary>What it limits: <c>user</c>, <c>app</c>, <c>key</c>, <c>model</c>, <c>provider</c>, <c>team</c>, <c>class</c>, <c>domain</c>, <c>everyone</c>.</summary>
    public string Kind
    {
        get
        {
            var kind = Key[..Key.IndexOf(':', StringComparison.Ordinal)];
            return kind[(IsShared ? Together.Length : kind.StartsWith(Own, StringComparison.Ordinal) ? Own.Length : 0)..];
        }
    }

    /// <summary>Which one of them: the address, the model as it is configured, the app's origin …</summary>
    public string Name
    {
        get
        {
            var name = Key[(Key.IndexOf(':', StringComparison.Ordinal) + 1)..];
            return IsShared || Kind == "user" ? name : name[(name.IndexOf('|', StringComparison.Ordinal) + 1)..];
        }
    }

    /// <summary>An address may have a bar in it: left as it is, the rest of it could pass for a part of the name.</summary>
    private static string Escaped(string email) => email.AsSpan().ContainsAny('|', '%')
        ? email.Replace("%", "%25", StringComparison.Ordinal).Replace("|", "%7c", StringComparison.Ordinal)
        : email;
}
