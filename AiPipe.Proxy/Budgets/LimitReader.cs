using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Budgets;

/// <summary>Reads the groups <c>Models</c>, <c>Providers</c> and <c>Apps</c>. Names that cannot match are invalid.</summary>
internal sealed class LimitReader(IConfiguration configuration)
{
    /// <summary>In characters: names are parts of keys, and Postgres accepts at most 2,704 bytes.</summary>
    public const int MaxNameLength = 300;

    private const string Example = "{ \"Limit\": 0.1, \"Days\": 7 }";

    private static readonly string[] Groups = [nameof(CallLimits.Models), nameof(CallLimits.Providers), nameof(CallLimits.Apps)];

    public static bool IsGroup(string key) => Groups.Contains(key, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OptionsValidationException">One line with the invalid key and the fix.</exception>
    public CallLimits Read(IConfigurationSection section) => new()
    {
        Models = [.. ByName(section.GetSection(nameof(CallLimits.Models)), "model", ModelMend, NameOfModel)
            .Values.Select(limit => (new ModelName(limit.Name), limit))],
        Providers = ByName(section.GetSection(nameof(CallLimits.Providers)), "provider", ProviderMend, KnownProviders.NameOf),
        Apps = ByName(section.GetSection(nameof(CallLimits.Apps)), "app", OriginMend, AppOrigin.Normalize),
    };

    /// <summary>Reads a group of budgets by name.</summary>
    public static Dictionary<string, ScopeLimit> ByName(
        IConfigurationSection group, string kind, Func<string, string?> mendOf, Func<string, string>? normalize = null)
    {
        var limits = new Dictionary<string, ScopeLimit>(StringComparer.OrdinalIgnoreCase);
        foreach (var (written, settings) in group.Named("limits", Example))
        {
            if (written.Length > MaxNameLength) throw settings.Wrong(
                $"has a name of more than {MaxNameLength} characters, which nothing has: correct it");
            if (mendOf(written) is { } mend) throw settings.Wrong(mend);
            var name = (normalize?.Invoke(written) ?? written).ToLowerInvariant();
            foreach (var child in settings.GetChildren())
                if (child.Value is not null && !BudgetReader.IsField(child)) throw child.Wrong(
                    "is not known here: a limit has Limit and either Days or Period");
            // Two counters of one name would count everything twice.
            if (!limits.TryAdd(name, new ScopeLimit(kind, name, BudgetReader.ReadFields(settings))))
                throw settings.Wrong($"is another name of \"{name}\", which already has a limit here: keep one of them");
        }
        return limits;
    }

    public static string? ModelMend(string name) => name.Length == 0 || name.AsSpan(..^1).Contains('*')
        ? "is not a model name: use one such as gpt-4o, or a prefix with *, such as gpt-4o*"
        : null;

    /// <summary>Gemini's model lists prefix names with models/, calls do not.</summary>
    public static string NameOfModel(string name) => name.StartsWith("models/", StringComparison.OrdinalIgnoreCase) ? name[7..] : name;

    private string? ProviderMend(string name) =>
        KnownProviders.All.ByName(name) is not null || Configured().Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"is not a provider: use one of {string.Join(", ", AllProviders())}";

    private IEnumerable<string> AllProviders() =>
        KnownProviders.All.Select(provider => provider.Name).Union(Configured(), StringComparer.OrdinalIgnoreCase);

    private static string? OriginMend(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority).Equals(AppOrigin.Normalize(origin), StringComparison.OrdinalIgnoreCase)
            ? null
            : "is not a web app: write its origin, such as https://app.example or http://localhost:3000";

    private IEnumerable<string> Configured() => configuration.GetSection("AiPipe:Providers").GetChildren().Select(provider => provider.Key);
}
