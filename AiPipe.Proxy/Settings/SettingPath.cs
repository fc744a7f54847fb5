using System.Diagnostics.CodeAnalysis;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Settings;

/// <summary>The path of a document: <c>Budgets/ann@example.com</c>, <c>Prices/openrouter/openai/gpt-4o</c>. Ignores case.</summary>
internal sealed class SettingPath : IEquatable<SettingPath>
{
    public const string Budgets = "Budgets", Salts = "Salts", Roles = "Roles", Teams = "Teams", RateLimits = "RateLimits",
        Providers = "Providers", Prices = "Prices", Access = "Access", Routes = "Routes", Aliases = "Aliases";

    /// <summary>The sections that may change at run time, in the order of their references.</summary>
    public static readonly IReadOnlyList<string> Sections =
        [Providers, Teams, Roles, Salts, Prices, RateLimits, Access, Budgets, Routes, Aliases];

    /// <summary>In characters per name: names become parts of counter keys.</summary>
    private const int MaxNameLength = 300;

    /// <summary>Read once at startup.</summary>
    private static readonly string[] Fixed = ["OnCounterOutage", "ReplicaTimeout", "CounterTimeout", "ReplicaLife", "CounterPatience"];

    private SettingPath(string[] parts) => (Parts, Key) = (parts, string.Join('\n', parts).ToLowerInvariant());

    public IReadOnlyList<string> Parts { get; }
    /// <summary>The canonical spelling for comparison; names have no control characters.</summary>
    public string Key { get; }
    public string Section => Parts[0];
    public string Name => Parts[^1];

    public string Parent => "AiPipe:" + string.Join(':', Parts.SkipLast(1));

    /// <summary>Parses a path; <paramref name="problem"/> is the error text.</summary>
    public static bool TryRead(
        IReadOnlyList<string>? written, [NotNullWhen(true)] out SettingPath? path, [NotNullWhen(false)] out string? problem)
    {
        (path, problem) = (null, null);
        var section = written is [{ } first, ..]
            ? Sections.FirstOrDefault(known => known.Equals(first, StringComparison.OrdinalIgnoreCase)) : null;
        if (section is null)
            problem = $"The field \"path\" must begin with one of {string.Join(", ", Sections)}; other settings are changed in files, "
                + "and need a restart.";
        else if (written!.Count != Depth(section))
            problem = section == Prices
                ? "The field \"path\" must be [\"Prices\", provider, model]." : $"The field \"path\" must be [\"{section}\", name].";
        else if (!written.Skip(1).All(IsUsable))
            problem = $"The field \"path\" has a name that is empty, longer than {MaxNameLength} characters, or has control characters.";
        else if (section == Budgets && Fixed.Contains(written[1].Trim(), StringComparer.OrdinalIgnoreCase))
            problem = $"{written[1]} is read at the start only: change it in a file, and restart.";
        if (problem is not null) return false;
        path = Create(section!, written!);
        return true;
    }

    /// <summary>The path of a file's setting; <c>null</c> if it cannot change at run time.</summary>
    public static SettingPath? OfFile(string section, params IEnumerable<string> names) =>
        TryRead([section, .. names], out var path, out _) ? path : null;

    public bool Equals(SettingPath? other) => other?.Key == Key;

    public override bool Equals(object? obj) => Equals(obj as SettingPath);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join('/', Parts);

    private static SettingPath Create(string section, IReadOnlyList<string> written)
    {
        string[] parts = [section, .. written.Skip(1).Select(name => name.Trim())];
        // One provider has one place, whichever of its names is used.
        if (section is Providers or Prices) parts[1] = KnownProviders.NameOf(parts[1]);
        return new SettingPath(parts);
    }

    private static int Depth(string section) => section == Prices ? 3 : 2;

    private static bool IsUsable(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength) return false;
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i])) return false;
            if (!char.IsSurrogate(name[i])) continue;
            // An unpaired surrogate, which databases reject.
            if (!char.IsHighSurrogate(name[i]) || i + 1 == name.Length || !char.IsLowSurrogate(name[i + 1])) return false;
            i++;
        }
        return true;
    }
}
