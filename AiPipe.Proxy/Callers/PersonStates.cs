using System.Collections.Frozen;

namespace AiPipe.Proxy.Callers;

/// <summary>
/// The people whose tokens are not good as they are: who is disabled, and who ended their older tokens. Every token is checked against
/// them, in memory; most people are not among them.
/// </summary>
internal sealed class PersonStates
{
    /// <summary>Swapped whole and never changed, so that readers take no lock.</summary>
    private volatile FrozenDictionary<string, PersonState> _byEmail = FrozenDictionary<string, PersonState>.Empty;

    /// <summary>What is known of a person.</summary>
    /// <param name="email">In lower case.</param>
    public PersonState Of(string email) => _byEmail.GetValueOrDefault(email);

    public void Replace(IEnumerable<KeyValuePair<string, PersonState>> states) => _byEmail = states.ToFrozenDictionary(StringComparer.Ordinal);
}

/// <summary>What a person's row says about their tokens.</summary>
/// <param name="Salt">Random text that tokens must carry besides the configured one; <c>null</c> until the person first ends their tokens.</param>
/// <param name="IsDisabled">No token is good.</param>
internal readonly record struct PersonState(string? Salt, bool IsDisabled)
{
    /// <summary>Neither part has it where it would matter: the person's own is letters, digits, - and _.</summary>
    private const char Between = '|';

    /// <summary>The salt that a new token carries: the configured one, as ever, until the person has one of their own, then both.</summary>
    public string? With(string? configured) => Salt is null ? configured : configured is null ? Salt : $"{configured}{Between}{Salt}";

    /// <summary>True when a token with this salt is still good. Tokens of people without any salt may carry whatever they like, as in the original.</summary>
    public bool Accepts(string? configured, string? presented)
    {
        if (Salt is null) return configured is null || configured == presented;
        if (configured is null) return Salt == presented;
        return presented is not null && presented.Length == configured.Length + 1 + Salt.Length && presented[configured.Length] == Between
            && presented.StartsWith(configured, StringComparison.Ordinal) && presented.EndsWith(Salt, StringComparison.Ordinal);
    }
}
