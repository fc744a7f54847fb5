using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Upstream;

/// <summary>Section <c>AiPipe:Forwarding</c>.</summary>
internal sealed class ForwardingOptions
{
    /// <summary>The largest request body, in bytes; a larger one gets 413. Pictures in prompts make bodies large.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBodyBytes { get; set; } = 32 << 20;

    /// <summary>How long a provider may be silent, before its answer or in the middle of it. Reasoning models think for minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long making a connection to a provider may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
