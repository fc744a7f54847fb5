using System.Buffers;
using System.Text.Json;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Ledger.Entries;

internal sealed record JournalRecord
{
    [ThreadStatic] private static ArrayBufferWriter<byte>? _line;
    [ThreadStatic] private static Utf8JsonWriter? _json;

    /// <summary>The entry to write if the journal has no later record of the call; charged for its input.</summary>
    public LedgerEntry? Reserve { get; init; }
    /// <summary>The reserved amount; an upper bound of the charge without a settlement.</summary>
    public PicoUsd? Hold { get; init; }

    /// <summary>The call whose response has cost at least <see cref="Counted"/> so far.</summary>
    public Guid? Mark { get; init; }
    public PicoUsd? Counted { get; init; }

    public LedgerEntry? Settle { get; init; }

    public Guid Id() => Reserve?.Id ?? Settle?.Id ?? Mark.GetValueOrDefault();

    /// <summary>The record as a line. Valid until this thread calls the method again.</summary>
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
