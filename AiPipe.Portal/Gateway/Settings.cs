namespace AiPipe.Portal.Gateway;

internal static class SettingsApi
{
    public static async Task<IReadOnlyList<SettingInfo>> GetSettingsAsync(
        this GatewayClient gateway, string section, CancellationToken cancellationToken)
    {
        var list = await gateway.GetAsync("/admin/settings", ContractJson.Default.SettingList, cancellationToken);
        return list.Sections.GetValueOrDefault(section) ?? [];
    }

    /// <summary>Sets a value. JSON's <c>null</c> removes it; no value restores the file's.</summary>
    public static Task ChangeSettingAsync(this GatewayClient gateway, SettingRequest change, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/admin/settings", change, ContractJson.Default.SettingRequest, cancellationToken);

    public static Task<AuditList> GetAuditAsync(this GatewayClient gateway, string? before, CancellationToken cancellationToken)
    {
        var query = before is null ? "" : $"?before={Uri.EscapeDataString(before)}";
        return gateway.GetAsync("/admin/audit" + query, ContractJson.Default.AuditList, cancellationToken);
    }

    public static async Task<IReadOnlyList<ProviderInfo>> GetProvidersAsync(
        this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/providers", ContractJson.Default.ProviderList, cancellationToken)).Providers;

    public static async Task<IReadOnlyList<PriceInfo>> GetPricesAsync(
        this GatewayClient gateway, string? search, CancellationToken cancellationToken)
    {
        var path = $"/admin/prices?limit=100&search={Uri.EscapeDataString(search ?? "")}";
        return (await gateway.GetAsync(path, ContractJson.Default.PriceList, cancellationToken)).Prices;
    }

    public static Task<SystemInfo> GetSystemAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/system", ContractJson.Default.SystemInfo, cancellationToken);
}
