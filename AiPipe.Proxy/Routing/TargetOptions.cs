using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Routing;

internal sealed class TargetOptions
{
    /// <summary>In tokens.</summary>
    [ConfigurationKeyName("max_tokens"), Range(1, int.MaxValue)]
    public int MaxTokens { get; set; } = 256;

    /// <summary>USD per million input tokens; replaces the price tables.</summary>
    [ConfigurationKeyName("input_cost"), Range(typeof(decimal), "0", "1000000")]
    public decimal? InputCost { get; set; }

    /// <summary>USD per million output tokens; replaces the price tables.</summary>
    [ConfigurationKeyName("output_cost"), Range(typeof(decimal), "0", "1000000")]
    public decimal? OutputCost { get; set; }

    [ConfigurationKeyName("temperature"), Range(typeof(decimal), "0", "5")]
    public decimal? Temperature { get; set; }

    [ConfigurationKeyName("top_p"), Range(typeof(decimal), "0", "1")]
    public decimal? TopP { get; set; }

    [ConfigurationKeyName("stream")]
    public bool Stream { get; set; }
}
