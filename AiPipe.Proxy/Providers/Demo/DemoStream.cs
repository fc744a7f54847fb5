using System.Net.Http.Headers;

namespace AiPipe.Proxy.Providers.Demo;

internal sealed class DemoStream(IEnumerable<ReadOnlyMemory<byte>> events, TimeProvider time) : Stream
{
    /// <summary>About the pace of a fast model.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(15);

    private readonly IEnumerator<ReadOnlyMemory<byte>> _events = events.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

    public static HttpContent Content(IEnumerable<ReadOnlyMemory<byte>> events, TimeProvider time)
    {
        var content = new StreamContent(new DemoStream(events, time));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return content;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (_rest.IsEmpty)
        {
            await Task.Delay(Pace, time, cancellationToken);
            if (!_events.MoveNext()) return 0;
            _rest = _events.Current;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Streams of events are read asynchronously.");
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _events.Dispose();
        base.Dispose(disposing);
    }
}
