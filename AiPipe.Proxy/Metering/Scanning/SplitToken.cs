namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>A name, number or string that may span several buffers; copied only then.</summary>
internal struct SplitToken()
{
    private const int MostTokenBytes = 256;
    private const int TooLong = MostTokenBytes + 1;

    private readonly byte[] _bytes = new byte[MostTokenBytes];
    private int _held;

    public void Begin() => _held = 0;

    public void Hold(ReadOnlySpan<byte> part)
    {
        if (_held + part.Length > MostTokenBytes)
        {
            _held = TooLong;
            return;
        }
        part.CopyTo(_bytes.AsSpan(_held));
        _held += part.Length;
    }

    /// <summary>Returns the token with its last part; false if it is too long.</summary>
    public bool Whole(ReadOnlySpan<byte> last, out ReadOnlySpan<byte> token)
    {
        token = last;
        if (_held == 0) return last.Length <= MostTokenBytes;
        Hold(last);
        token = _held == TooLong ? default : _bytes.AsSpan(0, _held);
        return _held != TooLong;
    }
}
