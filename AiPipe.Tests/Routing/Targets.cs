using AiPipe.Proxy.Routing;

namespace AiPipe.Tests.Routing;

/// <summary>Targets of which only the choice among them matters.</summary>
internal static class Targets
{
    public static RouteTarget Create(string key, int weight = 1, int priority = 0) => new()
    {
        Key = key,
        Provider = key,
        Model = "m",
        Weight = weight,
        Priority = priority,
        Options = new TargetOptions(),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public static ModelRoute Route(params RouteTarget[] targets) => new() { Id = "1", Paths = ["/x"], Targets = targets };

    public static string Keys(this IEnumerable<RouteTarget> targets) => string.Join(' ', targets.Select(target => target.Key));
}
