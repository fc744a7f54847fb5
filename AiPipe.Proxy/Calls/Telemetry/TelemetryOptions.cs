namespace AiPipe.Proxy.Calls.Telemetry;

/// <summary>Section <c>AiPipe:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "AiPipe:Telemetry";

    /// <summary>True to record prompts and responses on spans. Everyone with access to the traces can then read them.</summary>
    public bool CaptureContent { get; set; }

    /// <summary>Who may read <c>GET /metrics</c>.</summary>
    public MetricsAccess Metrics { get; set; } = MetricsAccess.Admins;
}

/// <summary>Who may read <c>GET /metrics</c>.</summary>
internal enum MetricsAccess
{
    /// <summary>Admins, with their token.</summary>
    Admins,
    /// <summary>Everyone who can reach the gateway.</summary>
    Everyone,
    /// <summary>The endpoint does not exist.</summary>
    Off,
}
