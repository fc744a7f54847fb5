using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>
/// Section <c>AiPipe:Access</c>: allowed endpoints, models and streaming by name (<c>*</c>, <c>@example.com</c>, <c>ann@example.com</c>).
/// The most specific name wins as a whole; without one, everything is allowed.
/// </summary>
internal sealed class AccessOptions
{
    public const string Section = "AiPipe:Access";
    private const string Example =
        "{ \"Endpoints\": [ \"POST /openai/v1/embeddings\" ], \"Models\": [ \"gpt-4o-mini\" ], \"Streaming\": false }";
    private static readonly string[] Fields = [nameof(AccessRule.Endpoints), nameof(AccessRule.Models), nameof(AccessRule.Streaming)];

    private readonly ByPerson<AccessRule> _rules = new();

    public AccessRule? RuleOf(string email) => _rules.Find(email)?.Value;

    public void Read(IConfigurationSection section, IReadOnlyList<Provider> providers)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong($"must be a group of rules by name: {{ \"*\": {Example} }}");
        foreach (var rule in section.GetChildren())
        {
            if (!ByPerson.IsName(rule.Key)) throw rule.WrongName(
                "is not a person: use \"*\", \"@domain\" or an e-mail address");
            if (rule.Value is { Length: > 0 }) throw rule.Wrong($"must be a rule: {Example}");
            rule.RefuseOthersThan(Fields);
            _rules[rule.Key] = new AccessRule
            {
                Endpoints = List(rule.GetSection(Fields[0]), text => EndpointOf(text, providers), "is not an endpoint of a provider: "
                    + "write the method and the path, such as \"POST /openai/v1/chat/completions\" or \"GET /openai/*\""),
                Models = List(rule.GetSection(Fields[1]), ModelOf, LimitReader.ModelMend("")!),
                Streaming = Streaming(rule.GetSection(Fields[2])),
            };
        }
    }

    /// <summary>Reads an optional list. An empty one is invalid, because it could mean "nothing" or "no limit".</summary>
    private static List<T>? List<T>(IConfigurationSection section, Func<string, T?> read, string mend) where T : class
    {
        if (section.Value is null && !section.GetChildren().Any()) return null;
        var texts = section.Texts();
        if (texts.Count == 0) throw section.Wrong(
            "is empty: leave it out to allow all of them; to block calls, set a budget of 0");
        return texts.ConvertAll(text => read(text) ?? throw section.Wrong($"has \"{text}\", which {mend}"));
    }

    private static EndpointPattern? EndpointOf(string text, IReadOnlyList<Provider> providers)
    {
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var method, ['/', .. var place]]) return null;
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || providers.ByName(place[..slash]) is not { } provider) return null;
        var path = place[slash..];
        return (method == "*" || method.All(char.IsAsciiLetter)) && !path.AsSpan(..^1).Contains('*')
            ? new EndpointPattern(method.ToUpperInvariant(), provider.Name, path)
            : null;
    }

    private static AllowedModel? ModelOf(string text) =>
        LimitReader.ModelMend(text) is null ? new(text, new ModelName(LimitReader.NameOfModel(text))) : null;

    private static bool Streaming(IConfigurationSection value) =>
        value.Value is null || (bool.TryParse(value.Value, out var streams) ? streams : throw value.Wrong("must be true or false"));
}
