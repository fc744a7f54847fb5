namespace AiPipe.Proxy.Metering;

/// <summary>A read-only, forward-only, asynchronous stage between the provider's response and the caller.</summary>
/// <param name="answer">The previous stage; disposed with this one, unless <see cref="LeavesOpen"/>.</param>
internal abstract class ResponseStream(Stream answer) : Stream
{
    protected Stream Answer { get; } = answer;

    /// <summary>True if the previous stage is not disposed with this one.</summary>
    protected virtual bool LeavesOpen => false;

    public sealed override bool CanRead => true;
    public sealed override bool CanSeek => false;
    public sealed override bool CanWrite => false;
    public sealed override long Length => throw new NotSupportedException();
    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Answers are read asynchronously.");
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public sealed override void SetLength(long value) => throw new NotSupportedException();
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public sealed override void Flush() { }

    public sealed override async ValueTask DisposeAsync()
    {
        if (!LeavesOpen) await Answer.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !LeavesOpen) Answer.Dispose();
        base.Dispose(disposing);
    }
}
