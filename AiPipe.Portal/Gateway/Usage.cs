using System.Globalization;

namespace AiPipe.Portal.Gateway;

internal static class UsageApi
{
    public static Task<UsageReport> GetUsageAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/usage", ContractJson.Default.UsageReport, cancellationToken);

    /// <summary>One's own spending; for admins everybody's, or one person's.</summary>
    public static Task<SpendReport> GetSpendAsync(this GatewayClient gateway, CallFilter filter, bool allUsers, CancellationToken cancellationToken) =>
        gateway.GetAsync((allUsers ? "/admin/spend" : "/usage/spend") + filter.Query, ContractJson.Default.SpendReport, cancellationToken);
}
