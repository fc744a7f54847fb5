using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Routing;

/// <summary>Which of several targets are asked, as it is written.</summary>
internal class TargetChoiceSettings
{
    public const int MostRetries = 10;

    public IConfigurationSection Targets { get; set; } = null!;

    /// <summary>Attempts after the first.</summary>
    [Range(0, MostRetries)]
    public int? Retries { get; set; }
    /// <summary>Statuses, <c>timeout</c> and <c>connection</c>.</summary>
    public IList<string> FallbackOn { get; set; } = [];
    /// <summary>A header's name.</summary>
    public string? Sticky { get; set; }
}

/// <summary>An alias as it is written at length.</summary>
internal sealed class AliasSettings : TargetChoiceSettings
{
    /// <summary>Milliseconds until an answer begins; without one, as long as any call may take.</summary>
    [Range(1, 600_000)]
    public int? Timeout { get; set; }
}

/// <summary>A route as it is written, with the bounds and defaults of APISIX's <c>ai-proxy</c>.</summary>
internal sealed class RouteSettings : TargetChoiceSettings
{
    /// <summary>One, or <see cref="Paths"/>.</summary>
    public string? Path { get; set; }
    public IList<string> Paths { get; set; } = [];
    public string? Name { get; set; }
    public string? Description { get; set; }
    public IList<string> Methods { get; set; } = [];
    public int Priority { get; set; }
    public bool Enabled { get; set; } = true;
    public long CreatedAt { get; set; }
    public long UpdatedAt { get; set; }
    /// <summary>Of all targets; each may have its own beside it.</summary>
    public IConfigurationSection Options { get; set; } = null!;

    /// <summary>Milliseconds until an answer begins.</summary>
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

/// <summary>A model as it is written, among others that may answer.</summary>
internal class AliasTargetSettings
{
    public string? Provider { get; set; }
    public string? Model { get; set; }
    [Range(0, 1_000_000)]
    public int Weight { get; set; } = 1;
    [Range(-1000, 1000)]
    public int Priority { get; set; }
}

/// <summary>A route's target as it is written.</summary>
internal sealed class RouteTargetSettings : AliasTargetSettings
{
    public string? Endpoint { get; set; }
    public IConfigurationSection Header { get; set; } = null!;
    public IConfigurationSection Query { get; set; } = null!;
    public IConfigurationSection Options { get; set; } = null!;
}

/// <summary>An upstream as it is written.</summary>
internal sealed class RouteUpstreamSettings
{
    public string Type { get; set; } = "roundrobin";
    public IConfigurationSection Nodes { get; set; } = null!;
    public string Scheme { get; set; } = "http";
    public string PassHost { get; set; } = "pass";
    public string? Host { get; set; }
}

/// <summary>A node as it is written.</summary>
internal sealed class RouteNodeSettings
{
    public string? Host { get; set; }
    [Range(1, 65_535)]
    public int? Port { get; set; }
    [Range(0, 1_000_000)]
    public int Weight { get; set; } = 1;
}
