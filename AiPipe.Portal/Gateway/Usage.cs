namespace AiPipe.Portal.Gateway;

internal static class UsageApi
{
    public static Task<UsageReport> GetUsageAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/usage", ContractJson.Default.UsageReport, cancellationToken);

    /// <summary>The person's own spending; with <paramref name="allUsers"/> all people's or one person's, for admins.</summary>
    public static Task<SpendReport> GetSpendAsync(
        this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync((allUsers ? "/admin/spend" : "/usage/spend") + filter.Query, ContractJson.Default.SpendReport, cancellationToken);
}
