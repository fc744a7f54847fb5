using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Routing;

/// <summary>What a route says of the model's work: it takes the place of what the request says.</summary>
internal sealed class TargetOptions
{
    /// <summary>The longest answer, in tokens.</summary>
    [ConfigurationKeyName("max_tokens"), Range(1, int.MaxValue)]
    public int MaxTokens { get; set; } = 256;

    /// <summary>USD for a million tokens of input, in place of the tables'.</summary>
    [ConfigurationKeyName("input_cost"), Range(typeof(decimal), "0", "1000000")]
    public decimal? InputCost { get; set; }

    /// <summary>USD for a million tokens of output, in place of the tables'.</summary>
    [ConfigurationKeyName("output_cost"), Range(typeof(decimal), "0", "1000000")]
    public decimal? OutputCost { get; set; }

    [ConfigurationKeyName("temperature"), Range(typeof(decimal), "0", "5")]
    public decimal? Temperature { get; set; }

    [ConfigurationKeyName("top_p"), Range(typeof(decimal), "0", "1")]
    public decimal? TopP { get; set; }

    /// <summary>The answer comes as a stream of events.</summary>
    [ConfigurationKeyName("stream")]
    public bool Stream { get; set; }
}
