using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Settings;

/// <summary>The files' configuration with documents of the table as overlays: each replaces everything at its path.</summary>
internal sealed class OverlaidConfiguration : IConfiguration
{
    private const string Root = "AiPipe";

    /// <summary>Everyone's budget if files name none: kept in the base, so that a first personal budget does not remove it.</summary>
    private static readonly SettingNode Starting = Budget("0.1", "7");

    /// <summary>Explicit, because without a budget for everyone the starting one would apply again.</summary>
    private static readonly SettingNode Nothing = Budget("0", "1");

    private readonly IConfiguration _files;
    private readonly SettingNode _root = SettingNode.Below("", Root);

    private OverlaidConfiguration(IConfiguration files, Dictionary<SettingPath, SettingNode> entries)
    {
        (_files, Entries) = (files, entries);
        foreach (var section in files.GetSection(Root).GetChildren())
            _root.Add(SettingNode.Copy(
                section, child => SettingPath.Sections.All(name => name != NameOf(section)) || IsFixed(section, child)));
        foreach (var (path, document) in entries)
        {
            var parent = Group(_root, path.Section);
            if (path.Parts.Count > 2) parent = Group(parent, path.Parts[1]);
            parent.Add(document);
        }
    }

    public IReadOnlyDictionary<SettingPath, SettingNode> Entries { get; }

    public static OverlaidConfiguration FromFiles(IConfiguration files)
    {
        var entries = new Dictionary<SettingPath, SettingNode>();
        foreach (var section in SettingPath.Sections)
            foreach (var (path, document) in EntriesIn(files.GetSection($"{Root}:{section}"), section))
                entries.TryAdd(path, document);
        if (!entries.Keys.Any(path => path.Section == SettingPath.Budgets && path.Name.AsSpan().ContainsAny('*', '@')))
            entries.TryAdd(SettingPath.OfFile(SettingPath.Budgets, "*")!, Starting);
        return new OverlaidConfiguration(files, entries);
    }

    /// <summary>The same base with other overlays.</summary>
    /// <param name="rows">By path; <c>null</c> hides the file's document.</param>
    public OverlaidConfiguration With(IEnumerable<(SettingPath Path, SettingNode? Document)> rows)
    {
        var entries = Entries.ToDictionary();
        foreach (var (path, document) in rows)
        {
            entries.Remove(path);
            if ((document ?? Removed(path)) is { } laid) entries[path] = laid;
        }
        return new OverlaidConfiguration(_files, entries);
    }

    public string? this[string key]
    {
        get => IsOurs(key) ? GetSection(key).Value : _files[key];
        set => throw new NotSupportedException();
    }

    public IConfigurationSection GetSection(string key) =>
        key.Equals(Root, StringComparison.OrdinalIgnoreCase) ? _root : IsOurs(key)
            ? _root.GetSection(key[(Root.Length + 1)..]) : _files.GetSection(key);

    public IEnumerable<IConfigurationSection> GetChildren() =>
        _files.GetChildren().Select(child => child.Key.Equals(Root, StringComparison.OrdinalIgnoreCase) ? _root : child);

    public IChangeToken GetReloadToken() => _root.GetReloadToken();

    /// <summary>The document that represents a removed one; only some readers would otherwise fall back to another source.</summary>
    private static SettingNode? Removed(SettingPath path)
    {
        if (path.Equals(SettingPath.OfFile(SettingPath.Budgets, "*"))) return Nothing;
        // The environment's key must not come back.
        if (path.Section != SettingPath.Providers || KnownProviders.All.ByName(path.Name)?.KeyVariable is null) return null;
        var withoutKeys = SettingNode.Below(path.Parent, path.Name);
        withoutKeys.Add(SettingNode.Below(withoutKeys.Path, "Keys", ""));
        return withoutKeys;
    }

    private static IEnumerable<(SettingPath, SettingNode)> EntriesIn(IConfigurationSection section, string name)
    {
        foreach (var child in section.GetChildren())
        {
            if (name != SettingPath.Prices)
            {
                if (SettingPath.OfFile(name, child.Key) is { } path) yield return (path, SettingNode.Copy(child));
                continue;
            }
            // The model's own prices, without those of models whose names continue it.
            foreach (var (model, prices) in child.Named("prices", "{ \"Input\": 1.0, \"Output\": 2.0 }"))
            {
                if (SettingPath.OfFile(name, child.Key, model) is not { } path) continue;
                var document = SettingNode.Below(path.Parent, model);
                foreach (var price in prices.GetChildren().Where(price => price.Value is not null)) document.Add(SettingNode.Copy(price));
                yield return (path, document);
            }
        }
    }

    private static SettingNode Group(SettingNode parent, string name)
    {
        if (parent.GetSection(name) is SettingNode { } found && parent.Children.Contains(found)) return found;
        var group = SettingNode.Below(parent.Path, name);
        parent.Add(group);
        return group;
    }

    private static SettingNode Budget(string limit, string days)
    {
        var budget = SettingNode.Below($"{Root}:{SettingPath.Budgets}", "*");
        budget.Add(SettingNode.Below(budget.Path, "Limit", limit));
        budget.Add(SettingNode.Below(budget.Path, "Days", days));
        return budget;
    }

    private static bool IsFixed(IConfigurationSection section, IConfigurationSection child) =>
        SettingPath.OfFile(NameOf(section), child.Key) is null && NameOf(section) != SettingPath.Prices;

    private static string NameOf(IConfigurationSection section) =>
        SettingPath.Sections.FirstOrDefault(name => name.Equals(section.Key, StringComparison.OrdinalIgnoreCase)) ?? section.Key;

    private static bool IsOurs(string key) => key.StartsWith(Root + ":", StringComparison.OrdinalIgnoreCase);
}
