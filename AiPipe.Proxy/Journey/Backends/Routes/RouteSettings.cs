using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Journey.Backends.Routes;

/// <summary>A route as it is written, with the bounds and defaults of APISIX's <c>ai-proxy</c>.</summary>
internal sealed class RouteSettings
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
    public IConfigurationSection Targets { get; set; } = null!;
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

/// <summary>A target as it is written.</summary>
internal sealed class RouteTargetSettings
{
    public string? Provider { get; set; }
    public string? Model { get; set; }
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
