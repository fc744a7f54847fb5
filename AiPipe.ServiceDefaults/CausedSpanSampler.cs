using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Drops spans that nothing recorded has caused: those below a span of this process that is not recorded (a probe's), and client spans
/// without a parent (start-up, heartbeats, polling). All others are sampled as <c>OTEL_TRACES_SAMPLER</c> says.
/// </summary>
internal sealed class CausedSpanSampler(Sampler sampler) : Sampler
{
    private const string Name = "OTEL_TRACES_SAMPLER";
    private const string Ratio = "OTEL_TRACES_SAMPLER_ARG";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        IsCaused(samplingParameters) ? sampler.ShouldSample(samplingParameters) : new SamplingResult(SamplingDecision.Drop);

    /// <summary>Reads the sampler that applies to all other spans: the SDK ignores these variables where a sampler is set.</summary>
    public static CausedSpanSampler FromConfiguration(IConfiguration configuration) => new(configuration[Name]?.ToLowerInvariant() switch
    {
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => ReadRatio(configuration),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(ReadRatio(configuration)),
        _ => new ParentBasedSampler(new AlwaysOnSampler()),
    });

    private static bool IsCaused(in SamplingParameters span)
    {
        var parent = span.ParentContext;
        if (parent.SpanId == default) return span.Kind != ActivityKind.Client;
        // always_on, which Aspire sets, would record a child without its parent.
        return parent.IsRemote || parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
    }

    // A missing or invalid ratio is 1, as OpenTelemetry defines it.
    private static TraceIdRatioBasedSampler ReadRatio(IConfiguration configuration)
    {
        var isNumber = double.TryParse(configuration[Ratio], NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio);
        return new(isNumber && ratio is >= 0 and <= 1 ? ratio : 1);
    }
}
