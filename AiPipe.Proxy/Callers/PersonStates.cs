using System.Collections.Frozen;

namespace AiPipe.Proxy.Callers;

/// <summary>People who are disabled or have revoked earlier tokens. In memory: every token is checked.</summary>
internal sealed class PersonStates
{
    /// <summary>Replaced as a whole, so that readers need no lock.</summary>
    private volatile FrozenDictionary<string, PersonState> _byEmail = FrozenDictionary<string, PersonState>.Empty;

    public PersonState Of(string email) => _byEmail.GetValueOrDefault(email);

    public void Replace(IEnumerable<KeyValuePair<string, PersonState>> states) =>
        _byEmail = states.ToFrozenDictionary(StringComparer.Ordinal);
}

/// <summary>The state of a person's tokens.</summary>
/// <param name="Salt">Random text that tokens must carry besides the configured salt; <c>null</c> until the first reset.</param>
internal readonly record struct PersonState(string? Salt, bool IsDisabled)
{
    /// <summary>Neither part contains it: the person's salt is letters, digits, - and _.</summary>
    private const char Between = '|';

    /// <summary>The salt of new tokens: the configured one, followed by the person's, if any.</summary>
    public string? With(string? configured) => Salt is null ? configured : configured is null ? Salt : $"{configured}{Between}{Salt}";

    /// <summary>True if a token with this salt is valid. Tokens of people without a salt may carry any, as in the original.</summary>
    public bool Accepts(string? configured, string? presented)
    {
        if (Salt is null) return configured is null || configured == presented;
        if (configured is null) return Salt == presented;
        return presented is not null && presented.Length == configured.Length + 1 + Salt.Length && presented[configured.Length] == Between
            && presented.StartsWith(configured, StringComparison.Ordinal) && presented.EndsWith(Salt, StringComparison.Ordinal);
    }
}
