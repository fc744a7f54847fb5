using System.Globalization;
using System.Text;

namespace AiPipe.Proxy.Usage;

/// <summary>
/// Lines of comma-separated values (RFC 4180) that are safe to open: texts that a spreadsheet would take for formulas get an apostrophe
/// (https://owasp.org/www-community/attacks/CSV_Injection), and letters that end lines or turn the reading direction become U+FFFD.
/// </summary>
internal sealed class CsvText
{
    public const string MediaType = "text/csv; charset=utf-8";

    private readonly StringBuilder _text = new();
    private bool _isFirst = true;

    /// <summary>Puts a mark at the beginning, without which spreadsheets take the table for something older than UTF-8.</summary>
    public CsvText ForSpreadsheets()
    {
        _text.Append('\uFEFF');
        return this;
    }

    /// <summary>A cell of what somebody else wrote.</summary>
    public CsvText Text(string? value)
    {
        Separate();
        if (string.IsNullOrEmpty(value)) return this;
        _text.Append('"');
        if (value[0] is '=' or '+' or '-' or '@') _text.Append('\'');
        foreach (var letter in value)
        {
            if (letter == '"') _text.Append('"');
            _text.Append(IsHidden(letter) ? '\uFFFD' : letter);
        }
        _text.Append('"');
        return this;
    }

    /// <summary>A cell of ours: a number, a time, a word without commas or quotes.</summary>
    public CsvText Value<T>(T? value)
    {
        Separate();
        _text.Append(CultureInfo.InvariantCulture, $"{value}");
        return this;
    }

    public CsvText EndLine()
    {
        _text.Append("\r\n");
        _isFirst = true;
        return this;
    }

    /// <summary>What was written since the last time, as UTF-8.</summary>
    public byte[] Take()
    {
        var bytes = Encoding.UTF8.GetBytes(_text.ToString());
        _text.Clear();
        return bytes;
    }

    private void Separate()
    {
        if (!_isFirst) _text.Append(',');
        _isFirst = false;
    }

    // Format characters (marks of direction, zero widths) and separators of lines and paragraphs show as nothing at all.
    private static bool IsHidden(char letter) =>
        char.IsControl(letter) || char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
