namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>
/// Where the inner call's answer goes: vectors into the reader, as they arrive; anything else, errors and refusals, straight on to
/// the caller. Nothing is buffered whole.
/// </summary>
internal sealed class EmbeddingsAnswer(HttpResponse outer, EmbeddingsReader reader) : Stream
{
    private HttpResponse _inner = null!;
    private bool _hasBegun;

    /// <summary>The answer was a good one, so it is in the reader.</summary>
    public bool IsGood => _inner.StatusCode == StatusCodes.Status200OK;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Attach(HttpResponse inner)
    {
        _inner = inner;
        inner.Body = this;
    }

    /// <summary>The inner call has ended: passes on the head of an answer that had no body.</summary>
    public void Complete() => Begin();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Begin();
        if (IsGood) reader.Read(buffer.Span);
        else await outer.Body.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public override void Flush() { }
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Begin()
    {
        if (_hasBegun) return;
        _hasBegun = true;
        if (!IsGood) outer.StatusCode = _inner.StatusCode;
        foreach (var (name, values) in _inner.Headers)
        {
            // What speaks of the body holds only where the body itself is passed on.
            if (!IsGood || !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) outer.Headers[name] = values;
        }
    }
}
