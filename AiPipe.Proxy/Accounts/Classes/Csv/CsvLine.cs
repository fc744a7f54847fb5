using System.Text;

namespace AiPipe.Proxy.Accounts.Classes.Csv;

/// <summary>Parses pasted table lines (RFC 4180 and variants). A missing quote must not swallow the following lines.</summary>
internal static class CsvLine
{
    private static readonly char[] Separators = [',', ';', '\t'];

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
