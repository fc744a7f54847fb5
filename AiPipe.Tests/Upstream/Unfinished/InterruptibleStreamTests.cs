using System.IO.Pipelines;
using System.Text;
using AiPipe.Proxy.Upstream.Unfinished;

namespace AiPipe.Tests.Upstream.Unfinished;

/// <summary>A reader may stop waiting; the next one loses no byte.</summary>
public sealed class InterruptibleStreamTests : IDisposable
{
    private readonly Pipe _provider = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly InterruptibleStream _stream;
    private readonly byte[] _buffer = new byte[64];

    public InterruptibleStreamTests() => _stream = new(_provider.Reader.AsStream(), _abort.Token);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interrupted_wait_is_taken_up_again(bool withBuffer)
    {
        for (var round = 0; round < 3; round++)
        {
            using var leaving = new CancellationTokenSource();
            var read = _stream.ReadAsync(withBuffer ? _buffer : Memory<byte>.Empty, leaving.Token).AsTask();
            Assert.False(read.IsCompleted);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }
        await SendAsync("Hello");
        Assert.Equal("Hello", await ReadAsync());
    }

    [Fact]
    public async Task Wait_after_a_cancelled_token_reads_nothing()
    {
        await SendAsync("Hello");
        Assert.Equal(0, await _stream.ReadAsync(Memory<byte>.Empty, Cancel));
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        // The data is there: nobody has to wait.
        Assert.Equal(5, await _stream.ReadAsync(_buffer, left.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _stream.ReadAsync(_buffer, left.Token).AsTask());
    }

    [Fact]
    public async Task End_is_an_end_for_every_reader()
    {
        using var leaving = new CancellationTokenSource();
        var read = _stream.ReadAsync(_buffer, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await _provider.Writer.CompleteAsync();
        Assert.Equal(0, await _stream.ReadAsync(_buffer, Cancel));
        Assert.False(_stream.HasFailed);
    }

    [Fact]
    public async Task Failure_while_nobody_waits_reaches_the_next_reader()
    {
        using var leaving = new CancellationTokenSource();
        var read = _stream.ReadAsync(_buffer, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await _provider.Writer.CompleteAsync(new IOException("The provider closed the connection."));
        await Assert.ThrowsAsync<IOException>(() => _stream.ReadAsync(_buffer, Cancel).AsTask());
        Assert.True(_stream.HasFailed);
    }

    [Fact]
    public async Task Abort_ends_a_wait()
    {
        var read = _stream.ReadAsync(_buffer, Cancel).AsTask();
        await _abort.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Closing_it_leaves_the_response_open()
    {
        await _stream.DisposeAsync();
        await SendAsync("Hello");
        Assert.Equal("Hello", await ReadAsync());
    }

    public void Dispose()
    {
        _abort.Dispose();
        _stream.Dispose();
    }

    private async Task SendAsync(string text) => await _provider.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Cancel);

    private async Task<string> ReadAsync() => Encoding.UTF8.GetString(_buffer, 0, await _stream.ReadAsync(_buffer, Cancel));
}
