using System.Diagnostics;
using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace AiPipe.Tests.ServiceDefaults;

/// <summary>Which spans are recorded, depending on their parent and on OpenTelemetry's variables.</summary>
public sealed class CausedSpanSamplerTests
{
    [Theory]
    [InlineData(null, null, "request, group write, child, of sampled caller")]
    [InlineData("always_on", null, "request, group write, child, of sampled caller, of unsampled caller")]
    [InlineData("ALWAYS_ON", null, "request, group write, child, of sampled caller, of unsampled caller")]
    [InlineData("always_off", null, "")]
    [InlineData("traceidratio", "0", "")]
    [InlineData("traceidratio", "1", "request, group write, child, of sampled caller, of unsampled caller")]
    [InlineData("traceidratio", "2", "request, group write, child, of sampled caller, of unsampled caller")]
    [InlineData("parentbased_always_on", null, "request, group write, child, of sampled caller")]
    [InlineData("parentbased_always_off", null, "child, of sampled caller")]
    [InlineData("parentbased_traceidratio", "0", "child, of sampled caller")]
    [InlineData("parentbased_traceidratio", "1", "request, group write, child, of sampled caller")]
    public void Spans_without_a_recorded_cause_are_dropped_whatever_the_sampler(string? sampler, string? argument, string recorded)
    {
        var tested = CausedSpanSampler.FromConfiguration(new ConfigurationBuilder()
            .AddInMemoryCollection([new("OTEL_TRACES_SAMPLER", sampler), new("OTEL_TRACES_SAMPLER_ARG", argument)]).Build());
        (string Name, ActivityKind Kind, ActivityContext Parent)[] spans =
        [
            ("request", ActivityKind.Server, default),
            ("command of polling", ActivityKind.Client, default),
            ("group write", ActivityKind.Internal, default),
            ("child", ActivityKind.Client, Parent(ActivityTraceFlags.Recorded, isRemote: false)),
            ("child of a probe", ActivityKind.Client, Parent(ActivityTraceFlags.None, isRemote: false)),
            ("of sampled caller", ActivityKind.Server, Parent(ActivityTraceFlags.Recorded, isRemote: true)),
            ("of unsampled caller", ActivityKind.Server, Parent(ActivityTraceFlags.None, isRemote: true)),
        ];

        var sampled = spans.Where(span =>
        {
            var parameters = new SamplingParameters(span.Parent, ActivityTraceId.CreateRandom(), span.Name, span.Kind);
            return tested.ShouldSample(parameters).Decision == SamplingDecision.RecordAndSample;
        });

        Assert.Equal(recorded, string.Join(", ", sampled.Select(span => span.Name)));
    }

    private static ActivityContext Parent(ActivityTraceFlags flags, bool isRemote) =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: isRemote);
}
