using AiPipe.Proxy.Apis;

namespace AiPipe.Tests.Apis;

internal static class WireApis
{
    public static IEnumerable<WireApi> All => Dialect.All.SelectMany(static dialect => dialect.Apis).Distinct();

    /// <param name="name">The name of its class.</param>
    public static WireApi Named(string name) => All.Single(api => api.GetType().Name == name);
}
