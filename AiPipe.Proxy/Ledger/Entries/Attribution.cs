using System.Security.Cryptography;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Ledger.Entries;

/// <summary>
/// The entries of calls of which only the counters knew, and what becomes of them when their facts arrive after all. Entries stay as
/// they were written: the facts come beside as one more, and another takes back what had been booked without them. Both have ids that
/// follow from the call's, so it does not matter who adds them, or how often.
/// </summary>
internal static class Attribution
{
    /// <summary>How the names of the counters of users begin.</summary>
    private const string UserPrefix = "user:";
    private const byte Facts = 1;
    private const byte TakenBack = 2;

    /// <summary>What is booked for a call whose process is gone with its journal.</summary>
    /// <param name="id">The call's.</param>
    /// <param name="scopes">The counters that it was counted in.</param>
    /// <param name="day">The UTC date that it was counted on.</param>
    /// <param name="cost">What the counters had for it.</param>
    /// <param name="what">Whether it had ended, so that this is what it cost, or this is what it is charged; or was no call, but a correction.</param>
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
            // Of a correction nothing but its note is lost; its own entry, should it arrive, has the same id and adds nothing.
            Kind = what == Orphan.Adjustment ? EntryKind.Adjustment : EntryKind.Unattributed,
            Cost = what == Orphan.Adjustment ? cost : PicoUsd.Max(cost, PicoUsd.Zero),
            Estimated = what != Orphan.Adjustment,
            Note = what switch
            {
                Orphan.Adjustment => "The counters had this correction; the replica that took it is gone with its journal.",
                Orphan.Settled => "The counters had this call's cost; the replica that took it is gone with its journal.",
                _ => "This call was in flight; the replica that took it is gone with its journal.",
            },
        };
    }

    /// <summary>What is to be added where a call stands as unattributed and its own entry arrives.</summary>
    /// <param name="booked">What stands in the ledger.</param>
    /// <param name="known">The call's own entry.</param>
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

    // RFC 9562, section 5.8: version 8 is for ids that are made from something else.
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

    // Ids of calls begin with their milliseconds since 1970 (RFC 9562, section 5.7).
    private static DateTimeOffset StartOf(Guid id, DateOnly day)
    {
        if (id.Version != 7) return new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
    }
}

/// <summary>What counters had of a process that is gone.</summary>
internal enum Orphan
{
    /// <summary>A call that it had not ended.</summary>
    InFlight,
    /// <summary>A call that had ended.</summary>
    Settled,
    /// <summary>A correction by an admin.</summary>
    Adjustment,
}
