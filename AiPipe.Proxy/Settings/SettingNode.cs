using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Settings;

/// <summary>An immutable section in memory, with constant-time look-ups and names that may contain colons.</summary>
internal sealed class SettingNode : IConfigurationSection
{
    private readonly Dictionary<string, SettingNode> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SettingNode> _children = [];

    private SettingNode(string path, string key, string? value) => (Path, Key, Text) = (path, key, value);

    public string Key { get; }
    public string Path { get; }
    /// <summary>The value, if it is not a group; empty for an empty list.</summary>
    public string? Text { get; }
    public IReadOnlyList<SettingNode> Children => _children;

    string? IConfigurationSection.Value { get => Text; set => throw new NotSupportedException(); }

    string? IConfiguration.this[string key] { get => GetSection(key).Value; set => throw new NotSupportedException(); }

    public static SettingNode Below(string parent, string key, string? text = null) =>
        new(parent.Length == 0 ? key : $"{parent}:{key}", key, text);

    public static SettingNode Copy(IConfigurationSection section, Func<IConfigurationSection, bool>? isWanted = null)
    {
        var copy = new SettingNode(section.Path, section.Key, section.Value);
        foreach (var child in section.GetChildren())
            if (isWanted is null || isWanted(child)) copy.Add(Copy(child));
        return copy;
    }

    /// <summary>Adds a child during construction.</summary>
    /// <returns>False if the name exists, ignoring case.</returns>
    public bool Add(SettingNode child)
    {
        if (!_byName.TryAdd(child.Key, child)) return false;
        _children.Add(child);
        return true;
    }

    /// <summary>Replaces nodes; <c>null</c> keeps a node and continues with its children.</summary>
    public SettingNode Map(Func<SettingNode, SettingNode?> replace)
    {
        if (replace(this) is { } replaced) return replaced;
        var mapped = new SettingNode(Path, Key, Text);
        foreach (var child in _children) mapped.Add(child.Map(replace));
        return mapped;
    }

    /// <summary>The same name with another value and without children.</summary>
    public SettingNode WithText(string? text) => new(Path, Key, text);

    /// <summary>The same node with more children.</summary>
    public SettingNode With(IEnumerable<SettingNode> more)
    {
        var copy = new SettingNode(Path, Key, Text);
        foreach (var child in _children.Concat(more)) copy.Add(child);
        return copy;
    }

    /// <summary>The child with this name, ignoring case.</summary>
    public IEnumerable<SettingNode> Named(string name) => _byName.TryGetValue(name, out var child) ? [child] : [];

    public IConfigurationSection GetSection(string key)
    {
        if (_byName.TryGetValue(key, out var child)) return child;
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && _byName.TryGetValue(key[..colon], out var first)) return first.GetSection(key[(colon + 1)..]);
        return Below(Path, key);
    }

    public IEnumerable<IConfigurationSection> GetChildren() => _children;

    public IChangeToken GetReloadToken() => new CancellationChangeToken(CancellationToken.None);
}
