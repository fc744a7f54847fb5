using System.ComponentModel.DataAnnotations;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

/// <summary>Section <c>AiPipe:Ledger</c>.</summary>
internal sealed class LedgerOptions
{
    public const string Section = "AiPipe:Ledger";

    /// <summary>Where journals are kept; by default <c>journal</c> in the folder that <c>AIPIPE_DATA</c> names.</summary>
    public string Folder { get; set; } = "";

    /// <summary>What an answer's last byte waits for.</summary>
    public LedgerDurability Durability { get; set; } = LedgerDurability.Journal;

    /// <summary>How long an answer's last byte waits for Postgres at most, with <see cref="LedgerDurability.Reply"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many entries may wait for Postgres before no more calls are taken.</summary>
    [Range(1, int.MaxValue)]
    public int MaxPending { get; set; } = 100_000;

    /// <summary>A journal file is followed by a new one when it has grown to this size.</summary>
    [Range(1, int.MaxValue)]
    public int SegmentBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How much the journal may hold, in files of <see cref="SegmentBytes"/>, before no more calls are taken.</summary>
    [Range(1, long.MaxValue)]
    public long MaxJournalBytes { get; set; } = 1024 * 1024 * 1024;

    internal static void Read(LedgerOptions options, IConfiguration configuration)
    {
        configuration.GetSection(Section).ReadInto(options);
        if (options.Folder.Length == 0 && DataFolder.Find(configuration) is { } data) options.Folder = Path.Combine(data, "journal");
        if (options.Folder.Length == 0) throw Wrong($"{Section}:Folder is missing: name a folder, or set AIPIPE_DATA.");
    }

    internal static OptionsValidationException Wrong(string line) => new(Section, typeof(LedgerOptions), [line]);
}

/// <summary>How far an entry must have come before its answer's last byte goes out.</summary>
internal enum LedgerDurability
{
    /// <summary>Handed to the operating system: a killed process loses nothing, a machine that loses its power at most 50 ms.</summary>
    Journal,
    /// <summary>
    /// Committed by Postgres: nothing is lost, and every answer waits for it. With Postgres away it waits for
    /// <see cref="LedgerOptions.ReplyTimeout"/>, then goes out with its entry in the journal.
    /// </summary>
    Reply,
}
