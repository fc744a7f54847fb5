using System.Globalization;
using System.Text;

namespace AiPipe.Proxy.Usage;

/// <summary>
/// Writes CSV (RFC 4180) that is safe to open: text that a spreadsheet would run as a formula gets an apostrophe
/// (https://owasp.org/www-community/attacks/CSV_Injection), and line ends or direction marks become U+FFFD.
/// </summary>
internal sealed class CsvText
{
    public const string MediaType = "text/csv; charset=utf-8";

    private readonly StringBuilder _text = new();
    private bool _isFirst = true;

    /// <summary>Writes the byte order mark that spreadsheets need to recognize UTF-8.</summary>
    public CsvText ForSpreadsheets()
    {
        _text.Append('\uFEFF');
        return this;
    }

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

    /// <summary>A cell with a number, a time, or a word without commas and quotes.</summary>
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

    // Format characters (direction marks, zero widths) and line separators are invisible.
    private static bool IsHidden(char letter) =>
        char.IsControl(letter) || char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
