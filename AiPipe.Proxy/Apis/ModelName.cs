using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Apis;

/// <summary>
/// A model as a limit names it. It holds for every spelling of that model that gets an answer: in other capitals, with a vendor before it
/// (<c>openai/gpt-4o</c>, <c>models/gemini-2.5-pro</c>), with a date or version behind it (<c>gpt-4o-2024-08-06</c>, <c>…-latest</c>), as a
/// variant (<c>…:nitro</c>), and for whatever the price tables take for that model. A last <c>*</c> stands for any ending.
/// </summary>
internal sealed partial class ModelName(string written)
{
    private readonly bool _any = written.EndsWith('*');
    private readonly string _name = written.TrimEnd('*');

    /// <summary>True when a call of this model falls under the name.</summary>
    /// <param name="model">The model as the request names it; empty = the call has none.</param>
    /// <param name="family">What the price tables take it for; <c>null</c> = they say nothing.</param>
    public bool Covers(ReadOnlySpan<char> model, string? family) =>
        !model.IsEmpty && (CoversForm(model) || (family is not null && Is(family)) || CoversForm(model[(model.LastIndexOf('/') + 1)..]));

    private bool CoversForm(ReadOnlySpan<char> model)
    {
        if (Is(model)) return true;
        var slash = model.LastIndexOf('/') + 1;
        var plain = model[slash..].IndexOf(':') is > 0 and var colon ? model[..(slash + colon)] : model;
        return Is(plain) || Is(Undated(plain));
    }

    // As prices are found: what has a price under other capitals is limited under them, too.
    private bool Is(ReadOnlySpan<char> name) => _any
        ? name.StartsWith(_name, StringComparison.OrdinalIgnoreCase)
        : name.Equals(_name, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Undated(ReadOnlySpan<char> model)
    {
        foreach (var ending in Version().EnumerateMatches(model)) return model[..ending.Index];
        return model;
    }

    /// <summary>Looked for from the end, however long a name is: gpt-4o-2024-08-06, claude-opus-4@20250514, gpt-4-0613, gemini-2.5-flash-preview-09-2025, gemini-2.0-flash-001, mistral-large-latest.</summary>
    [GeneratedRegex(@"[-@](?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{4}|[0-9]{3,8}|latest)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.RightToLeft, 100)]
    private static partial Regex Version();
}
