namespace AiPipe.Proxy.Ledger;

/// <summary>The files that an entry still needs: with its reservation, settlement and last mark. Guarded by the journal's lock.</summary>
internal sealed class JournalPins
{
    private JournalSegment? _reserve;
    private JournalSegment? _settle;
    private JournalSegment? _mark;

    public void Hold(JournalSegment segment)
    {
        segment.Pins++;
        if (_reserve is null) _reserve = segment;
        else _settle = segment;
    }

    public void HoldMark(JournalSegment segment)
    {
        segment.Pins++;
        if (_mark is not null) _mark.Pins--;
        _mark = segment;
    }

    public void Release()
    {
        if (_reserve is not null) _reserve.Pins--;
        if (_settle is not null) _settle.Pins--;
        if (_mark is not null) _mark.Pins--;
    }
}
