using System.Text;
using AiPipe.Proxy.Apis.RequestBody;

namespace AiPipe.Tests.Apis.RequestBody;

public sealed class EditedBodyTests
{
    private static readonly byte[] Body = Encoding.ASCII.GetBytes("0123456789");

    /// <summary>An edit is written <c>at-remove+insert</c>.</summary>
    [Theory]
    [InlineData("", "0123456789")]
    [InlineData("0-0+ab", "ab0123456789")]
    [InlineData("10-0+ab", "0123456789ab")]
    [InlineData("0-10+", "")]
    [InlineData("0-1+ab 1-1+ 2-0+cd 9-1+e", "abcd2345678e")]
    [InlineData("4-2+ 6-2+ 8-0+x 8-0+y", "0123xy89")]
    public async Task Buffers_of_any_size_read_the_same(string edits, string expected)
    {
        for (var size = 1; size <= expected.Length + 2; size++)
        {
            await using var body = Edited(edits);
            Assert.Equal(expected.Length, body.Length);
            var read = new MemoryStream();
            var buffer = new byte[size];
            while (await body.ReadAsync(buffer) is > 0 and var count)
            {
                Assert.True(count == size || read.Length + count == expected.Length, "A buffer is filled until the end.");
                read.Write(buffer, 0, count);
            }
            Assert.Equal(expected, Encoding.ASCII.GetString(read.ToArray()));
            Assert.Equal(0, await body.ReadAsync(buffer));
        }
    }

    [Fact]
    public async Task Every_way_of_reading_goes_on_where_the_last_one_stopped()
    {
        await using var body = Edited("2-3+abcd");
        var buffer = new byte[16];
        Assert.Equal(3, body.Read(buffer.AsSpan(0, 3)));
        Assert.Equal(0, body.Read([]));
        Assert.Equal(2, body.Read(buffer, 3, 2));
        Assert.Equal(1, await body.ReadAsync(buffer.AsMemory(5, 1)));
        Assert.Equal(5, await body.ReadAsync(buffer.AsMemory(6)));
        Assert.Equal("01abcd56789", Encoding.ASCII.GetString(buffer, 0, 11));
    }

    [Fact]
    public async Task Reading_ends_when_the_call_is_given_up()
    {
        await using var body = Edited("");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => Assert.Equal(0, await body.ReadAsync(new byte[1], new CancellationToken(canceled: true))));
    }

    [Fact]
    public void Random_edits_give_what_editing_by_hand_gives()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 5_000; round++)
        {
            var source = new byte[random.Next(40)];
            random.NextBytes(source);
            var (edits, expected, at) = (new List<BodyEdit>(), new List<byte>(), 0);
            while (at < source.Length && random.Next(4) > 0)
            {
                var start = random.Next(at, source.Length);
                var edit = new BodyEdit(start, random.Next(source.Length - start), new byte[random.Next(6)]);
                random.NextBytes(edit.Insert);
                edits.Add(edit);
                expected.AddRange([.. source[at..start], .. edit.Insert]);
                at = start + edit.Remove;
            }
            expected.AddRange(source[at..]);

            using var body = new EditedBody(source, edits);
            var read = new byte[body.Length];
            for (var offset = 0; offset < read.Length;) offset += body.Read(
                read, offset, Math.Min(random.Next(1, 9), read.Length - offset));
            Assert.Equal(expected, read);
            Assert.Equal(0, body.Read(new byte[9]));
        }
    }

    private static EditedBody Edited(string edits) => new(Body, [.. edits.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(edit =>
    {
        var parts = edit.Split('-', '+');
        return new BodyEdit(int.Parse(parts[0]), int.Parse(parts[1]), Encoding.ASCII.GetBytes(parts[2]));
    })]);
}
