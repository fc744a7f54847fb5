namespace AiPipe.Portal.Gateway;

internal static class AppsApi
{
    /// <summary>What a web app requests, by the query of its redirect, question mark included.</summary>
    public static Task<Consent> GetConsentAsync(this GatewayClient gateway, string query, CancellationToken cancellationToken) =>
        gateway.GetAsync("/login/check" + query, ContractJson.Default.Consent, cancellationToken);

    public static Task<GrantResponse> CreateGrantAsync(
        this GatewayClient gateway, GrantRequest request, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/grants", request,
            ContractJson.Default.GrantRequest, ContractJson.Default.GrantResponse, cancellationToken);

    public static async Task<IReadOnlyList<GrantInfo>> GetGrantsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/grants", ContractJson.Default.GrantList, cancellationToken)).Apps;

    public static Task RevokeGrantAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, $"/grants/{id}", cancellationToken);
}
