using System.IO.Pipelines;
using System.Text;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Apis.ResponseBody;

namespace AiPipe.Tests.Metering;

public sealed class BufferedResponseTests
{
    private const string Document = """{"usage":{"prompt_tokens":1,"completion_tokens":1}}""";

    private readonly Pipe _provider = new(new PipeOptions(pauseWriterThreshold: 0));
    private bool _mustGoOn;
    private bool _isSettled;
    private string? _begun;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Answer_is_handed_on_once_it_is_settled_however_it_is_split(int size)
    {
        await using var answer = Open(length: null);
        var next = NextAsync(answer);
        foreach (var piece in Document.Chunk(size))
        {
            Assert.Null(_begun);
            await SendAsync(new string(piece));
        }
        Assert.Equal(Document, await next);
        Assert.Equal("settled", _begun);
        await _provider.Writer.CompleteAsync();
        Assert.Equal("", await NextAsync(answer));
    }

    [Fact]
    public async Task Small_buffer_gets_a_held_answer_in_pieces()
    {
        await using var answer = Open(length: null);
        await SendAsync(Document);
        await _provider.Writer.CompleteAsync();
        using var all = new MemoryStream();
        await answer.CopyToAsync(all, bufferSize: 5, Cancel);
        Assert.Equal(Document, Encoding.UTF8.GetString(all.ToArray()));
    }

    [Fact]
    public async Task Longer_answer_than_is_held_goes_on_as_it_comes()
    {
        await using var answer = Open(length: null);
        await SendAsync("{\"x\":\"" + new string('x', BufferedResponse.MostBytes));
        Assert.NotEmpty(await NextAsync(answer));
        Assert.Equal("not settled", _begun);
    }

    [Fact]
    public async Task Slow_answer_goes_on_as_it_comes()
    {
        await using var answer = Open(length: null);
        var next = NextAsync(answer);
        await SendAsync(" ");
        _mustGoOn = true;
        await SendAsync("\n");
        Assert.Equal("", (await next).Trim());
        Assert.Equal("not settled", _begun);
        await SendAsync(Document);
        Assert.Contains("usage", await NextAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_provider_fails_the_read_before_anything_has_begun()
    {
        await using var answer = Open(length: 100);
        await SendAsync("{");
        var next = NextAsync(answer);
        await _provider.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(() => next);
        Assert.Null(_begun);
    }

    [Fact]
    public async Task Caller_who_leaves_ends_the_wait()
    {
        using var leave = new CancellationTokenSource();
        await using var answer = Open(length: null);
        await SendAsync("{");
        var next = answer.ReadAsync(new byte[100], leave.Token).AsTask();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private BufferedResponse Open(long? length)
    {
        var reader = UsageReaders.For(ChatCompletionsApi.Instance, Answer.Json);
        var hooks = new MeteringHooks(() => { }, () => false, _ =>
        {
            _isSettled = true;
            return ValueTask.CompletedTask;
        }, _ => default);
        return new BufferedResponse(
            new MeteringStream(_provider.Reader.AsStream(), reader, length, hooks), () => _mustGoOn, () =>
            _begun = _isSettled ? "settled" : "not settled");
    }

    private async Task SendAsync(string text) => await _provider.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Cancel);

    private static async Task<string> NextAsync(BufferedResponse answer)
    {
        var buffer = new byte[64 * 1024];
        var read = await answer.ReadAsync(buffer.AsMemory(), Cancel);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
