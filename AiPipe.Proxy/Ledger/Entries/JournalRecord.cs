using System.Buffers;
using System.Text.Json;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>One line of the journal: a reservation, a mark of progress, or an entry that is to be written.</summary>
internal sealed record JournalRecord
{
    [ThreadStatic] private static ArrayBufferWriter<byte>? _line;
    [ThreadStatic] private static Utf8JsonWriter? _json;

    /// <summary>A call is about to leave: the entry that it leaves if nothing more is heard of it, charged for its input.</summary>
    public LedgerEntry? Reserve { get; init; }
    /// <summary>What is held for it; it is never charged more without a settlement.</summary>
    public PicoUsd? Hold { get; init; }

    /// <summary>The call whose answer has cost at least <see cref="Counted"/> so far.</summary>
    public Guid? Mark { get; init; }
    public PicoUsd? Counted { get; init; }

    /// <summary>A finished entry.</summary>
    public LedgerEntry? Settle { get; init; }

    /// <summary>The entry that the line is about.</summary>
    public Guid Id() => Reserve?.Id ?? Settle?.Id ?? Mark.GetValueOrDefault();

    /// <summary>The record with the line's end; good until this thread asks for the next.</summary>
    public ReadOnlySpan<byte> ToLine()
    {
        var line = _line ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        var json = _json ??= new Utf8JsonWriter(line);
        json.Reset(line);
        JsonSerializer.Serialize(json, this, LedgerJson.Default.JournalRecord);
        line.Write("\n"u8);
        return line.WrittenSpan;
    }
}
