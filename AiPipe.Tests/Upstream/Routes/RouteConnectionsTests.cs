using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Upstream;
using AiPipe.Proxy.Upstream.Routes;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Upstream.Routes;

public sealed class RouteConnectionsTests
{
    private static readonly RouteConnection Kept = new(IsKept: true, TimeSpan.FromMinutes(1), 1, VerifiesTls: true);

    [Fact]
    public void Many_targets_take_no_connections_from_those_that_are_in_use_or_were_used_last()
    {
        var connections = new RouteConnections(Options.Create(new ForwardingOptions()));
        using var busy = connections.Take(Kept, new Uri("http://busy.example"));
        var idle = Client(connections, "idle");
        for (var i = 0; i < 3 * RouteConnections.MaxPools; i++)
        {
            Client(connections, $"host{i}");
            if (i < RouteConnections.MaxPools) Assert.Same(idle, Client(connections, "idle"));
        }

        using var again = connections.Take(Kept, new Uri("http://busy.example"));
        Assert.Same(busy.Client, again.Client);
        Assert.Equal((true, false), (busy.MayKeep, again.MayKeep));
        Assert.NotSame(idle, Client(connections, "idle"));
    }

    private static HttpMessageInvoker Client(RouteConnections connections, string host)
    {
        using var lease = connections.Take(Kept, new Uri($"http://{host}.example"));
        return lease.Client;
    }
}
