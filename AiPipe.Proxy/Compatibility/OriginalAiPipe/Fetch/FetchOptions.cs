using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>Section <c>AiPipe:Fetch</c>: how callers read public pages through us.</summary>
internal sealed class FetchOptions
{
    /// <summary>How long a fetch may take, from its request to its last byte.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest answer that is passed on, in bytes.</summary>
    [Range(1024, 1L << 34)]
    public long MaxBytes { get; set; } = 32 << 20;

    /// <summary>How often a user (or, when <see cref="Anonymous"/>, a network address) may fetch in a minute.</summary>
    [Range(1, 100_000)]
    public int PerMinute { get; set; } = 60;

    /// <summary>Lets callers without a token fetch, too.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Private places that may be fetched all the same, each as <c>host:port</c> just as it stands in the URL.</summary>
    public IList<string> AllowedHosts { get; set; } = [];
}
