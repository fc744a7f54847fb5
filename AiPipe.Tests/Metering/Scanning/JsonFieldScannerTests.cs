using System.Globalization;
using System.Text;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Tests.Metering.Scanning;

public class JsonFieldScannerTests
{
    private static readonly JsonPaths Places = JsonPaths.Create(
        ("[]", Field.Event), ("[].a", Field.Id), ("a", Field.Id), ("a.b", Field.Model), ("a.c[].d", Field.Input), ("t", Field.Text),
            ("t[]", Field.Text));

    [Theory]
    [InlineData("""{"a":{"b":"x","c":[{"d":1},{"d":null}]},"t":"héllo"}""", """Opened Id|String Model x|Scalar Input 1|Scalar Input null|Closed Id|Text 6""")]
    [InlineData("""{"a":"b\"c","b":1,"c":{"a":2},"a":false}""", """String Id b\"c|Scalar Id false""")]
    [InlineData("""[{"a":1},{"x":[{"a":2}]},3]""", """Opened Event|Scalar Id 1|Closed Event|Opened Event|Closed Event|Scalar Event 3""")]
    [InlineData("""{"t":["x","",["y"]],"x":"\\","a":1}""", """Text 1|Scalar Id 1""")]
    [InlineData("""{"a":{},"a":[],"a":{"c":[[{"d":5}]]}}""", """Opened Id|Closed Id|Opened Id|Closed Id""")]
    [InlineData(""" "a" """, "")]
    public void Watched_places_are_told(string json, string expected) => Assert.Equal(expected, Scan([Encoding.UTF8.GetBytes(json)]));

    [Fact]
    public void Any_splitting_tells_the_same()
    {
        var random = new Random(42);
        for (var round = 0; round < 3_000; round++)
        {
            var json = Encoding.UTF8.GetBytes(RandomValue(random, depth: 0));
            // Some of it broken: told the same all the same.
            if (round % 3 == 0 && json.Length > 0) json[random.Next(json.Length)] = (byte)random.Next(256);
            Assert.Equal(Scan([json]), Scan(Chunks(json, random)));
        }
    }

    [Fact]
    public void Document_is_complete_with_its_last_bracket()
    {
        var scanner = new JsonFieldScanner(Places, new Told());
        scanner.Read("\uFEFF [ {\"a\": \"]\" } "u8);
        Assert.False(scanner.IsComplete);
        scanner.Read("]"u8);
        Assert.True(scanner.IsComplete);
        scanner.Read(" \n {"u8);
        Assert.True(scanner.IsComplete);
        scanner.Reset();
        Assert.False(scanner.IsComplete);
    }

    [Fact]
    public void End_of_an_element_is_where_its_brace_closed()
    {
        var scanner = new JsonFieldScanner(Places, new Told());
        scanner.Read("[{\"a\":{}},\n{\"a"u8);
        Assert.Equal(9, scanner.LastElementEnd);
        scanner.Read("\":1"u8);
        Assert.Equal(-1, scanner.LastElementEnd);
        scanner.Read("}"u8);
        Assert.Equal(1, scanner.LastElementEnd);
    }

    private static IEnumerable<byte[]> Chunks(byte[] json, Random random)
    {
        for (var at = 0; at < json.Length;)
        {
            var end = Math.Min(json.Length, at + random.Next(0, 9));
            yield return json[at..end];
            at = end;
        }
    }

    private static string RandomValue(Random random, int depth) => random.Next(depth > 5 ? 4 : 7) switch
    {
        0 => random.Next(-9, 99).ToString(CultureInfo.InvariantCulture),
        1 => "null",
        2 => $"\"{new string('x', random.Next(300))}\"",
        3 => """ "a\"b\\é" """,
        4 => $"[{string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth + 1)))}]",
        _ => $"{{{string.Join(",", Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{"abcdt"[random.Next(5)]}\" : {RandomValue(random, depth + 1)}"))}}}",
    };

    private static string Scan(IEnumerable<byte[]> parts)
    {
        var told = new Told();
        var scanner = new JsonFieldScanner(Places, told);
        foreach (var part in parts) scanner.Read(part);
        return told.ToString();
    }

    /// <summary>Writes down what is told; pieces of one text as one.</summary>
    private sealed class Told : IJsonFields
    {
        private readonly List<string> _lines = [];
        private int _text;

        public void Text(ReadOnlySpan<byte> content) => _text += content.Length;
        public void String(Field field, ReadOnlySpan<byte> content) => Add($"String {field} {Encoding.UTF8.GetString(content)}");
        public void Scalar(Field field, ReadOnlySpan<byte> json) => Add($"Scalar {field} {Encoding.UTF8.GetString(json)}");
        public void Opened(Field field) => Add($"Opened {field}");
        public void Closed(Field field) => Add($"Closed {field}");

        public override string ToString()
        {
            Flush();
            return string.Join('|', _lines);
        }

        private void Add(string line)
        {
            Flush();
            _lines.Add(line);
        }

        private void Flush()
        {
            if (_text > 0) _lines.Add($"Text {_text}");
            _text = 0;
        }
    }
}
