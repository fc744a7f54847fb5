using System.Text;

namespace AiPipe.Portal.Gateway;

internal static class ClassesApi
{
    public static Task<ClassList> GetClassesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/classes", ContractJson.Default.ClassList, cancellationToken);

    public static Task<ClassInfo> GetClassAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/classes/{id}", ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<ClassInfo> CreateClassAsync(this GatewayClient gateway, ClassRequest plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes", plan, ContractJson.Default.ClassRequest, ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<ClassInfo> UpdateClassAsync(this GatewayClient gateway, Guid id, ClassRequest plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Put, $"/classes/{id}", plan, ContractJson.Default.ClassRequest, ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<JoinedClass> JoinClassAsync(this GatewayClient gateway, string code, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes/join", new JoinRequest(code), ContractJson.Default.JoinRequest, ContractJson.Default.JoinedClass, cancellationToken);

    /// <summary>Puts people into a class.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="id">The class.</param>
    /// <param name="csv">Addresses, and names perhaps, one person a line.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<RosterResult> AddToRosterAsync(this GatewayClient gateway, Guid id, string csv, CancellationToken cancellationToken)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        return await gateway.SendAsync(HttpMethod.Post, $"/classes/{id}/roster", content, ContractJson.Default.RosterResult, cancellationToken);
    }

    public static Task RemoveMemberAsync(this GatewayClient gateway, Guid id, string email, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"/classes/{id}/members/{Uri.EscapeDataString(email)}", cancellationToken);

    public static Task ResetJoinCodeAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Post, $"/classes/{id}/code", cancellationToken);

    public static Task EndClassAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Delete, $"/classes/{id}", cancellationToken);

    public static Task<HttpResponseMessage> GetClassCsvAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Get, $"/classes/{id}/spend.csv", content: null, cancellationToken);
}
