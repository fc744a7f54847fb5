namespace AiPipe.Portal.Gateway;

internal static class RoutesApi
{
    public static Task<RouteList> GetRoutesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/routes", ContractJson.Default.RouteList, cancellationToken);
}
