namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>Reads a body with its edits from the one buffer that contains it, without copying.</summary>
internal sealed class EditedBody : Stream
{
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private int _piece;
    private int _offset;
    private Action? _begun;

    /// <param name="begun">Called once, at the first read: a connection to the provider exists then.</param>
    public EditedBody(ReadOnlyMemory<byte> body, IReadOnlyList<BodyEdit> edits, Action? begun = null)
    {
        _begun = begun;
        var at = 0;
        foreach (var edit in edits)
        {
            _pieces.Add(body[at..edit.At]);
            _pieces.Add(edit.Insert);
            at = edit.At + edit.Remove;
        }
        _pieces.Add(body[at..]);
        Length = _pieces.Sum(piece => (long)piece.Length);
    }

    /// <summary>True once all of it was read: the provider can have received it.</summary>
    public bool WasRead => _pieces.Count == 0;

    public override long Length { get; }
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        _begun?.Invoke();
        _begun = null;
        var read = 0;
        while (read < buffer.Length && _piece < _pieces.Count)
        {
            var rest = _pieces[_piece].Span[_offset..];
            var count = Math.Min(rest.Length, buffer.Length - read);
            rest[..count].CopyTo(buffer[read..]);
            read += count;
            _offset += count;
            if (count == rest.Length) (_piece, _offset) = (_piece + 1, 0);
        }
        // The request outlives its sending, and would keep the whole body in memory.
        if (_piece == _pieces.Count) _pieces.Clear();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
