using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Routing;

internal static class RouteUpstreamReader
{
    private const int MaxNodes = 64;
    private const int MaxHostLength = 253;

    /// <param name="isNeeded">True if the upstream is used, so that it must have a node.</param>
    /// <exception cref="OptionsValidationException">A setting is invalid, even if the upstream is not used.</exception>
    public static RouteUpstream? Read(IConfigurationSection section, bool isNeeded)
    {
        var written = new RouteUpstreamSettings();
        section.ReadInto(written);
        var nodes = written.Nodes?.GetChildren().Select(NodeOf).ToList() ?? [];
        if (nodes.Count > MaxNodes) throw section.GetSection("Nodes").Wrong($"has more than {MaxNodes} nodes");
        if (isNeeded && !nodes.Exists(node => node.Weight > 0)) throw section.GetSection("Nodes")
            .Wrong("is missing: a pass-through route needs a node");
        if (written.Type != "roundrobin") throw section.GetSection("Type").Wrong("must be roundrobin");
        if (written.Scheme is not ("http" or "https")) throw section.GetSection("Scheme").Wrong("must be http or https");
        var host = section.GetSection("Host");
        if (written.Host is not null && !IsHost(written.Host)) throw host.Wrong("is not a host name");
        return written.PassHost switch
        {
            "pass" or "node" => new RouteUpstream(nodes, written.Scheme, Host: null, written.PassHost == "node"),
            "rewrite" => new RouteUpstream(
                nodes, written.Scheme, written.Host ?? throw host.Wrong("is missing: rewrite requires the host to send"),
                UsesNodeHost: false),
            _ => throw section.GetSection("PassHost").Wrong("must be pass, node or rewrite"),
        };
    }

    private static RouteNode NodeOf(IConfigurationSection section)
    {
        var written = new RouteNodeSettings();
        section.ReadInto(written);
        return written.Host is { } host && IsHost(host)
            ? new RouteNode(host, written.Port, written.Weight) : throw section.GetSection("Host").Wrong("is not a host name");
    }

    private static bool IsHost(string host) =>
        host.Length <= MaxHostLength
            && Uri.CheckHostName(host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host) != UriHostNameType.Unknown;
}
