using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace AiPipe.ServiceDefaults;

/// <summary>
/// Drops spans that no recorded request causes: children of a span of this process that is not recorded (such as a probe's), and client
/// spans without a parent (startup, heartbeats, polling). All others are sampled according to <c>OTEL_TRACES_SAMPLER</c>.
/// </summary>
internal sealed class CausedSpanSampler(Sampler sampler) : Sampler
{
    private const string Name = "OTEL_TRACES_SAMPLER";
    private const string Ratio = "OTEL_TRACES_SAMPLER_ARG";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        IsCaused(samplingParameters) ? sampler.ShouldSample(samplingParameters) : new SamplingResult(SamplingDecision.Drop);

    /// <summary>Creates the sampler. It reads OpenTelemetry's variables itself, because the SDK ignores them if a sampler is set.</summary>
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

    // OpenTelemetry defines 1 for a missing or invalid ratio.
    private static TraceIdRatioBasedSampler ReadRatio(IConfiguration configuration)
    {
        var isNumber = double.TryParse(configuration[Ratio], NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio);
        return new(isNumber && ratio is >= 0 and <= 1 ? ratio : 1);
    }
}
