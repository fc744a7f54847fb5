namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>Section <c>AiPipe:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "AiPipe:Telemetry";

    /// <summary>True to record prompts and responses on spans. Everyone with access to the traces can then read them.</summary>
    public bool CaptureContent { get; set; }

    public MetricsAccess Metrics { get; set; } = MetricsAccess.Admins;
}

internal enum MetricsAccess
{
    Admins,
    Everyone,
    /// <summary>The endpoint does not exist.</summary>
    Off,
}
