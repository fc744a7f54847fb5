namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>The response of the inner call: parses vectors as they arrive, passes errors on to the caller.</summary>
internal sealed class EmbeddingsAnswer(HttpResponse outer, EmbeddingsReader reader) : Stream
{
    private HttpResponse _inner = null!;
    private bool _hasBegun;

    /// <summary>True if the response went to the reader.</summary>
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
            // Content headers are valid only if the body is passed on.
            if (!IsGood || !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) outer.Headers[name] = values;
        }
    }
}
