using System.Text.Json;

namespace AiPipe.Portal.Gateway;

internal static class SettingsApi
{
    public static async Task<IReadOnlyList<SettingInfo>> GetSettingsAsync(this GatewayClient gateway, string section, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/settings", ContractJson.Default.SettingList, cancellationToken)).Sections.GetValueOrDefault(section) ?? [];

    /// <summary>Sets a value; <c>null</c> as JSON takes it away, none at all goes back to what the files say.</summary>
    public static Task ChangeSettingAsync(this GatewayClient gateway, SettingRequest change, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/admin/settings", change, ContractJson.Default.SettingRequest, cancellationToken);

    public static Task<AuditList> GetAuditAsync(this GatewayClient gateway, string? before, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/audit" + (before is null ? "" : $"?before={Uri.EscapeDataString(before)}"), ContractJson.Default.AuditList, cancellationToken);

    public static async Task<IReadOnlyList<ProviderInfo>> GetProvidersAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/providers", ContractJson.Default.ProviderList, cancellationToken)).Providers;

    public static async Task<IReadOnlyList<PriceInfo>> GetPricesAsync(this GatewayClient gateway, string? search, CancellationToken cancellationToken) =>
        (await gateway.GetAsync($"/admin/prices?limit=100&search={Uri.EscapeDataString(search ?? "")}", ContractJson.Default.PriceList, cancellationToken)).Prices;

    public static Task<SystemInfo> GetSystemAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/system", ContractJson.Default.SystemInfo, cancellationToken);
}
