using System.Text;

namespace AiPipe.Proxy.Accounts.Classes.Csv;

/// <summary>
/// Lines of tables as people paste and spreadsheets write them (RFC 4180, and what is made of it): fields may be quoted, and lines end as
/// on any system. A field ends with its line: one forgotten quote must not swallow everybody below it.
/// </summary>
internal static class CsvLine
{
    private static readonly char[] Separators = [',', ';', '\t'];

    /// <summary>The first separator that a line has outside of quotes.</summary>
    public static char? SeparatorOf(string line)
    {
        var isQuoted = false;
        foreach (var letter in line)
        {
            if (letter == '"') isQuoted = !isQuoted;
            else if (!isQuoted && Separators.Contains(letter)) return letter;
        }
        return null;
    }

    /// <summary>The fields of a line, without their quotes and the blanks around them.</summary>
    public static List<string> Split(string line, char separator)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (letter == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[++i]);
            else if (letter == '"') isQuoted = !isQuoted;
            else if (letter == separator && !isQuoted) End();
            else field.Append(letter);
        }
        End();
        return fields;

        void End()
        {
            fields.Add(field.ToString().Trim());
            field.Clear();
        }
    }
}
