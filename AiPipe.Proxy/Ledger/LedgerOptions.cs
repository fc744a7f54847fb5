using System.ComponentModel.DataAnnotations;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Ledger;

internal sealed class LedgerOptions
{
    public const string Section = "AiPipe:Ledger";

    /// <summary>The folder of journals; by default <c>journal</c> in the folder that <c>AIPIPE_DATA</c> names.</summary>
    public string Folder { get; set; } = "";

    /// <summary>How durable an entry must be before the response ends.</summary>
    public LedgerDurability Durability { get; set; } = LedgerDurability.Journal;

    /// <summary>The longest wait for Postgres with <see cref="LedgerDurability.Reply"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The number of unwritten entries at which new calls are refused.</summary>
    [Range(1, int.MaxValue)]
    public int MaxPending { get; set; } = 100_000;

    /// <summary>A journal file of this size is followed by a new one.</summary>
    [Range(1, int.MaxValue)]
    public int SegmentBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>The number of journal bytes at which new calls are refused, in files of <see cref="SegmentBytes"/>.</summary>
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

internal enum LedgerDurability
{
    /// <summary>Handed to the operating system: a killed process loses nothing, a power failure at most 50 ms.</summary>
    Journal,
    /// <summary>Committed by Postgres, or after <see cref="LedgerOptions.ReplyTimeout"/> in the journal: nothing is lost.</summary>
    Reply,
}
