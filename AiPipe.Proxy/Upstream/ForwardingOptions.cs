using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Upstream;

internal sealed class ForwardingOptions
{
    /// <summary>The largest request body, in bytes; larger ones get 413. Images in prompts make bodies large.</summary>
    [Range(1024, 1L << 30)]
    public long MaxBodyBytes { get; set; } = 32 << 20;

    /// <summary>The most memory of buffered request bodies, in bytes; further requests get 503.</summary>
    [Range(1 << 20, 1L << 40)]
    public long MaxBufferedBytes { get; set; } = 512 << 20;

    /// <summary>The most memory of one caller's buffered request bodies, in bytes.</summary>
    [Range(1 << 20, 1L << 40)]
    public long MaxBufferedBytesPerCaller { get; set; } = 128 << 20;

    /// <summary>The maximum silence of a provider, before or during its response. Reasoning models take minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The maximum duration of a call, however much the provider sends: a stream of comments has no end of its own.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a response is read after its caller left or a timeout passed; the call is charged its reservation then.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DetachedTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The maximum number of responses that are read without their callers at the same time.</summary>
    [Range(0, 100_000)]
    public int MaxDetached { get; set; } = 1_000;

    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
