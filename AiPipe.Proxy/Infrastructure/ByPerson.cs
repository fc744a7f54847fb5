using System.Diagnostics.CodeAnalysis;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>
/// Settings by the name of people: an address (<c>ann@example.com</c>), everyone at a domain (<c>@example.com</c>, without its
/// subdomains) or everyone (<c>*</c>). Names and addresses are compared in the spelling of <see cref="Email.Normalize"/>.
/// </summary>
internal sealed class ByPerson<T>
{
    private readonly Dictionary<string, T> _byName;
    private readonly Dictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _byDomain;

    public ByPerson()
    {
        _byName = new(StringComparer.Ordinal);
        _byDomain = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _byName.Count;

    public IEnumerable<string> Names => _byName.Keys;

    public T this[string name] { set => _byName[Email.Normalize(name)] = value; }

    /// <summary>The most specific name that matches: the address, then its <c>@domain</c>, then <c>*</c>.</summary>
    public (string Name, T Value)? Find(string email)
    {
        if (_byName.Count == 0) return null;
        email = Email.Normalize(email);
        if (_byName.TryGetValue(email, out var own)) return (email, own);
        if (email.LastIndexOf('@') is >= 0 and var at && _byDomain.TryGetValue(email.AsSpan(at), out var domain, out var ofDomain))
            return (domain, ofDomain);
        return _byName.TryGetValue(ByPerson.Everyone, out var ofEveryone) ? (ByPerson.Everyone, ofEveryone) : null;
    }

    /// <summary>The value with exactly this name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out T value) => _byName.TryGetValue(Email.Normalize(name), out value);

    /// <summary>The value of everyone at the address's domain, even if the address has one of its own.</summary>
    public bool TryGetOfDomain(string email, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        email = Email.Normalize(email);
        return email.LastIndexOf('@') is >= 0 and var at && _byDomain.TryGetValue(email.AsSpan(at), out value);
    }
}

internal static class ByPerson
{
    public const string Everyone = "*";

    /// <summary>True for the names of people; other keys in the same section are settings or groups.</summary>
    public static bool IsName(string key) => key == Everyone || key.Contains('@', StringComparison.Ordinal);
}
