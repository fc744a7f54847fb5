using System.Text.Json.Serialization;

namespace AiPipe.Bench.Report;

/// <summary>One line of a table: what was measured of one target. What does not apply is <c>null</c>.</summary>
internal sealed record ResultRow(string Scenario, string Target)
{
    public double? PerSecond { get; init; }
    /// <summary>Milliseconds.</summary>
    public double? P50 { get; init; }
    /// <summary>Milliseconds.</summary>
    public double? P99 { get; init; }
    /// <summary>Microseconds of the proxy's CPU per call, or per event of streams.</summary>
    public double? Cpu { get; init; }
    /// <summary>Microseconds of Postgres's CPU per call, or per event of streams.</summary>
    public double? PostgresCpu { get; init; }
    /// <summary>Resident, in MB, at the end of the load.</summary>
    public double? Memory { get; init; }
    public long Errors { get; init; }
    /// <summary>Whatever else there is to say.</summary>
    public string Note { get; init; } = "";
}

[JsonSerializable(typeof(ResultRow))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ResultJson : JsonSerializerContext;
