using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Routing;

internal class TargetChoiceSettings
{
    public const int MostRetries = 10;

    public IConfigurationSection Targets { get; set; } = null!;

    [Range(0, MostRetries)]
    public int? Retries { get; set; }
    /// <summary>Statuses, <c>timeout</c> and <c>connection</c>.</summary>
    public IList<string> FallbackOn { get; set; } = [];
    public string? Sticky { get; set; }
}

internal sealed class AliasSettings : TargetChoiceSettings
{
    /// <summary>Milliseconds until the response starts; default: as for any call.</summary>
    [Range(1, 600_000)]
    public int? Timeout { get; set; }
}

/// <summary>The bounds and defaults are those of APISIX's <c>ai-proxy</c>.</summary>
internal sealed class RouteSettings : TargetChoiceSettings
{
    /// <summary>Alternative to <see cref="Paths"/>.</summary>
    public string? Path { get; set; }
    public IList<string> Paths { get; set; } = [];
    public string? Name { get; set; }
    public string? Description { get; set; }
    public IList<string> Methods { get; set; } = [];
    public int Priority { get; set; }
    public bool Enabled { get; set; } = true;
    public long CreatedAt { get; set; }
    public long UpdatedAt { get; set; }
    public IConfigurationSection Options { get; set; } = null!;

    /// <summary>Milliseconds until the response starts.</summary>
    [Range(1, 60_000)]
    public int Timeout { get; set; } = 3000;
    public bool Keepalive { get; set; } = true;
    /// <summary>Milliseconds.</summary>
    [Range(1000, int.MaxValue)]
    public int KeepaliveTimeout { get; set; } = 60_000;
    [Range(1, int.MaxValue)]
    public int KeepalivePool { get; set; } = 30;
    public bool SslVerify { get; set; } = true;
    public bool Passthrough { get; set; }
    public IConfigurationSection Upstream { get; set; } = null!;
    public IConfigurationSection Anonymous { get; set; } = null!;
}

internal class AliasTargetSettings
{
    public string? Provider { get; set; }
    public string? Model { get; set; }
    [Range(0, 1_000_000)]
    public int Weight { get; set; } = 1;
    [Range(-1000, 1000)]
    public int Priority { get; set; }
}

internal sealed class RouteTargetSettings : AliasTargetSettings
{
    public string? Endpoint { get; set; }
    public IConfigurationSection Header { get; set; } = null!;
    public IConfigurationSection Query { get; set; } = null!;
    public IConfigurationSection Options { get; set; } = null!;
}

internal sealed class RouteUpstreamSettings
{
    public string Type { get; set; } = "roundrobin";
    public IConfigurationSection Nodes { get; set; } = null!;
    public string Scheme { get; set; } = "http";
    public string PassHost { get; set; } = "pass";
    public string? Host { get; set; }
}

internal sealed class RouteNodeSettings
{
    public string? Host { get; set; }
    [Range(1, 65_535)]
    public int? Port { get; set; }
    [Range(0, 1_000_000)]
    public int Weight { get; set; } = 1;
}
