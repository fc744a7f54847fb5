using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

internal sealed class FetchOptions
{
    /// <summary>The timeout of a whole fetch.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest response, in bytes.</summary>
    [Range(1024, 1L << 34)]
    public long MaxBytes { get; set; } = 32 << 20;

    /// <summary>Fetches per minute and user or, with <see cref="Anonymous"/>, network address.</summary>
    [Range(1, 100_000)]
    public int PerMinute { get; set; } = 60;

    /// <summary>Allows callers without a token.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Private places that may be fetched, as <c>host:port</c> in the spelling of the URL.</summary>
    public IList<string> AllowedHosts { get; set; } = [];
}
