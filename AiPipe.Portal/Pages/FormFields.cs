namespace AiPipe.Portal.Pages;

/// <summary>Finds the field of a form for the field of the API that an error names in <c>error.param</c>.</summary>
internal static class FormFields
{
    /// <summary>For forms with the properties of the request: <c>expires_in_days</c> is <c>New.ExpiresInDays</c>.</summary>
    public static Func<string, string?> ForRequest<TForm>(string prefix) => param => Find<TForm>(prefix, param);

    /// <summary>For forms of a setting: <c>value.Limit</c> is <c>Budget.Limit</c>, and <c>path[1]</c> is the setting's name.</summary>
    /// <param name="prefix">The form's name on its page.</param>
    /// <param name="names">The fields of the parts of the setting's path, without the section.</param>
    public static Func<string, string?> ForSetting<TForm>(string prefix, params string[] names) => param =>
    {
        if (param.StartsWith("value.", StringComparison.Ordinal)) return Find<TForm>(prefix, param["value.".Length..]);
        if (!param.StartsWith("path", StringComparison.Ordinal)) return null;
        return names.ElementAtOrDefault(param is ['p', 'a', 't', 'h', '[', var digit, ']'] ? digit - '1' : 0);
    };

    private static string? Find<TForm>(string prefix, string param)
    {
        var end = param.AsSpan().IndexOfAny('.', '[');
        var words = (end < 0 ? param : param[..end]).Split('_', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Concat(words.Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
        return typeof(TForm).GetProperty(name) is null ? null : $"{prefix}.{name}";
    }
}
