using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Pricing;

/// <summary>A match rule of genai-prices; exactly one member is set. Names are case-sensitive, as at providers.</summary>
internal sealed record ModelMatch
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(50);
    private Regex? _regex;

    [JsonPropertyName("equals")]
    public string? Exactly { get; init; }
    public string? StartsWith { get; init; }
    public string? EndsWith { get; init; }
    public string? Contains { get; init; }
    public string? Regex { get; init; }
    public IReadOnlyList<ModelMatch>? Or { get; init; }
    public IReadOnlyList<ModelMatch>? And { get; init; }

    public bool Matches(string model) => this switch
    {
        { Exactly: { } text } => model.Equals(text, StringComparison.Ordinal),
        { StartsWith: { } text } => model.StartsWith(text, StringComparison.Ordinal),
        { EndsWith: { } text } => model.EndsWith(text, StringComparison.Ordinal),
        { Contains: { } text } => model.Contains(text, StringComparison.Ordinal),
        { Regex: { } pattern } => MatchesPattern(pattern, model),
        { Or: { } any } => any.Any(match => match.Matches(model)),
        { And: { Count: > 0 } all } => all.All(match => match.Matches(model)),
        _ => false,
    };

    /// <summary>Callers choose the names: the non-backtracking engine keeps the time linear.</summary>
    private bool MatchesPattern(string pattern, string model)
    {
        _regex ??= new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Timeout);
        try
        {
            return _regex.IsMatch(model);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
