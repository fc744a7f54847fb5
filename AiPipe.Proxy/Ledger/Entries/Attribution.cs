using System.Security.Cryptography;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>
/// Entries for calls that only the counters know, and their correction when the call's own entry arrives. Entries are never changed: one
/// entry adds the facts, another reverses the unattributed cost. Their ids derive from the call's, so adding them is idempotent.
/// </summary>
internal static class Attribution
{
    private const string UserPrefix = "user:";
    private const byte Facts = 1;
    private const byte TakenBack = 2;

    /// <summary>The entry for a call whose replica and journal are lost.</summary>
    public static LedgerEntry Unattributed(Guid id, IReadOnlyList<string> scopes, DateOnly day, PicoUsd cost, Orphan what)
    {
        var user = scopes.FirstOrDefault(scope => scope.StartsWith(UserPrefix, StringComparison.Ordinal));
        return new LedgerEntry
        {
            Id = id,
            User = user?[UserPrefix.Length..] ?? "",
            Day = day,
            StartedAt = StartOf(id, day),
            Scopes = scopes,
            // An adjustment loses only its note. Its own entry, if it arrives, has the same id and adds nothing.
            Kind = what == Orphan.Adjustment ? EntryKind.Adjustment : EntryKind.Unattributed,
            Cost = what == Orphan.Adjustment ? cost : PicoUsd.Max(cost, PicoUsd.Zero),
            Estimated = what != Orphan.Adjustment,
            Note = what switch
            {
                Orphan.Adjustment => "The counters had this correction; the replica that accepted it, and its journal, are lost.",
                Orphan.Settled => "The counters had this call's cost; the replica that accepted it, and its journal, are lost.",
                _ => "This call was in flight; the replica that accepted it, and its journal, are lost.",
            },
        };
    }

    public static LedgerEntry[] Replace(LedgerEntry booked, LedgerEntry known) =>
    [
        known with { Id = Derive(known.Id, Facts), Note = $"Had been booked as unattributed entry {known.Id}." },
        booked with
        {
            Id = Derive(booked.Id, TakenBack),
            Kind = EntryKind.Reversal,
            Cost = PicoUsd.Zero - booked.Cost,
            Note = $"Takes back entry {booked.Id}: the call's own is here.",
        },
    ];

    // RFC 9562, section 5.8: version 8 is for ids that derive from other data. Section 5.7: call ids begin with Unix milliseconds.
    private static Guid Derive(Guid call, byte part)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        call.TryWriteBytes(bytes, bigEndian: true, out var length);
        bytes[length] = part;
        SHA256.HashData(bytes[..(length + 1)], bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..length], bigEndian: true);
    }

    private static DateTimeOffset StartOf(Guid id, DateOnly day)
    {
        if (id.Version != 7) return new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
    }
}

internal enum Orphan
{
    InFlight,
    Settled,
    Adjustment,
}
