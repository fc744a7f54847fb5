using System.Text;
using AiPipe.Proxy.Usage;

namespace AiPipe.Tests.Usage;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("=cmd|'/c calc'!A1", "\"'=cmd|'/c calc'!A1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("Ann, A", "\"Ann, A\"")]
    [InlineData("a\r\nb\u202Ec", "\"a\uFFFD\uFFFDb\uFFFDc\"")]
    [InlineData(null, "")]
    public void Cells_of_others_are_no_formulas_and_end_no_line(string? text, string cell) =>
        Assert.Equal($"1,{cell}\r\n", Encoding.UTF8.GetString(new CsvText().Value(1).Text(text).EndLine().Take()));
}
