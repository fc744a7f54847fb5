using System.Text.RegularExpressions;

namespace AiPipe.Proxy.Apis;

/// <summary>
/// A model name in a limit. It covers every spelling that providers accept: any case, a vendor prefix (<c>openai/gpt-4o</c>,
/// <c>models/gemini-2.5-pro</c>), a date or version (<c>gpt-4o-2024-08-06</c>, <c>…-latest</c>), a variant (<c>…:nitro</c>), and any name
/// that the price tables map to that model. A trailing <c>*</c> matches any suffix.
/// </summary>
internal sealed partial class ModelName(string written)
{
    /// <summary>The name as configured.</summary>
    public string Written => written;

    private readonly bool _any = written.EndsWith('*');
    private readonly string _name = written.TrimEnd('*');

    public bool Covers(ReadOnlySpan<char> model, string? family) =>
        !model.IsEmpty && (CoversForm(model) || (family is not null && Is(family)) || CoversForm(model[(model.LastIndexOf('/') + 1)..]));

    /// <summary>A name without its vendor prefix, variant, and date or version.</summary>
    public static ReadOnlySpan<char> Plain(ReadOnlySpan<char> model) => Undated(WithoutVariant(model[(model.LastIndexOf('/') + 1)..]));

    private bool CoversForm(ReadOnlySpan<char> model)
    {
        if (Is(model)) return true;
        var plain = WithoutVariant(model);
        return Is(plain) || Is(Undated(plain));
    }

    private static ReadOnlySpan<char> WithoutVariant(ReadOnlySpan<char> model)
    {
        var slash = model.LastIndexOf('/') + 1;
        return model[slash..].IndexOf(':') is > 0 and var colon ? model[..(slash + colon)] : model;
    }

    // Ignores case, as the price lookup does.
    private bool Is(ReadOnlySpan<char> name) => _any
        ? name.StartsWith(_name, StringComparison.OrdinalIgnoreCase)
        : name.Equals(_name, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Undated(ReadOnlySpan<char> model)
    {
        foreach (var ending in Version().EnumerateMatches(model)) return model[..ending.Index];
        return model;
    }

    /// <summary>
    /// A date or version suffix: gpt-4o-2024-08-06, claude-opus-4@20250514, gpt-4-0613, gemini-2.5-flash-preview-09-2025,
    /// gemini-2.0-flash-001, mistral-large-latest. Matched from the end, to stay fast for names of any length.
    /// </summary>
    [GeneratedRegex(@"[-@](?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{4}|[0-9]{3,8}|latest)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.RightToLeft, 100)]
    private static partial Regex Version();
}
