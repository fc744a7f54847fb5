using System.Text;
using AiPipe.Proxy.Accounts.Classes.Csv;

namespace AiPipe.Tests.Accounts.Classes;

/// <summary>Lists as teachers paste them.</summary>
public sealed class RosterTests
{
    [Theory]
    [InlineData("ann@example.com")]
    [InlineData("\ufeffann@example.com\r\n")]
    [InlineData("  ANN@Example.com  ")]
    [InlineData("email\nann@example.com")]
    [InlineData("E-Mail;Name\rann@example.com;\r")]
    [InlineData("\n\n\"ann@example.com\"\n\n")]
    [InlineData("<ann@example.com>")]
    public void Address_is_read_however_it_is_written(string text)
    {
        var roster = Read(text);
        Assert.Equal([("ann@example.com", null)], Members(roster));
        Assert.Empty(roster.Wrong);
    }

    [Theory]
    [InlineData("ann@example.com,Ann Example")]
    [InlineData("ann@example.com;Ann Example")]
    [InlineData("ann@example.com\tAnn Example")]
    [InlineData("\"ann@example.com\",\"Ann Example\"")]
    [InlineData("Name,Email\nAnn Example,ann@example.com")]
    [InlineData("Ann Example,ann@example.com")]
    [InlineData("Ann  Example <ann@example.com>")]
    [InlineData("ann@example.com,\u202eAnn\u200b \u0007Example")]
    [InlineData("ann@example.com,Ann Example,whatever")]
    public void Name_is_read_with_it(string text) => Assert.Equal([("ann@example.com", "Ann Example")], Members(Read(text)));

    [Theory]
    [InlineData("ann@example.com;Example, Ann", "Example, Ann")]
    [InlineData("ann@example.com,\"Example, Ann\"", "Example, Ann")]
    [InlineData("ann@example.com,\"Ann \"\"A\"\" Example\"", "Ann \"A\" Example")]
    [InlineData("ann@example.com,=1+1", "=1+1")]
    public void Names_keep_their_commas_and_quotes(string text, string name) =>
        Assert.Equal([("ann@example.com", name)], Members(Read(text)));

    [Theory]
    [InlineData("a@b.example\nb@b.example\nc@b.example")]
    [InlineData("a@b.example\rb@b.example\rc@b.example")]
    [InlineData("a@b.example\r\nb@b.example\nc@b.example\r")]
    public void Lines_end_as_on_any_system(string text) => Assert.Equal(3, Read(text).Members.Count);

    [Fact]
    public void Wrong_lines_are_named_and_hold_up_nobody()
    {
        var roster = Read("a@example.com,A\nnobody\n\"b@example.com,B\nc@@example.com\nd@example.com\nA@example.com\n@example.com\ne@exa mple.com\nf@\u202eexample.com");
        Assert.Equal(["a@example.com", "d@example.com"], roster.Members.Keys);
        Assert.Equal(1, roster.Repeated);
        Assert.Equal([2, 3, 4, 7, 8, 9], roster.Wrong.Select(line => line.Line));
        Assert.DoesNotContain(roster.Wrong, line => line.Text.Contains('\u202e', StringComparison.Ordinal));
    }

    [Fact]
    public void More_lines_than_allowed_are_none() =>
        Assert.Null(Roster.Read(string.Join('\n', Enumerable.Range(0, Roster.MaxLines + 1).Select(i => $"p{i}@example.com"))));

    [Fact]
    public void Bytes_are_read_as_spreadsheets_of_all_ages_write_them()
    {
        const string Text = "zoe@example.com,Zoë";
        Assert.Equal(Text, UploadedText.Decode(Encoding.UTF8.GetBytes(Text)));
        Assert.Equal(Text, UploadedText.Decode([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(Text)]));
        Assert.Equal(Text, UploadedText.Decode([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text)]));
        Assert.Equal(Text, UploadedText.Decode(Encoding.Latin1.GetBytes(Text)));
    }

    private static Roster Read(string text) => Roster.Read(text)!;

    private static List<(string, string?)> Members(Roster roster) => [.. roster.Members.Select(member => (member.Key, member.Value))];
}
