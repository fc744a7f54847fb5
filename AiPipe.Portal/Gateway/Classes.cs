using System.Text;

namespace AiPipe.Portal.Gateway;

internal static class ClassesApi
{
    public static Task<ClassList> GetClassesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/classes", ContractJson.Default.ClassList, cancellationToken);

    /// <summary>The classes of all teachers, for admins.</summary>
    public static Task<ClassList> GetAllClassesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/classes?all=true", ContractJson.Default.ClassList, cancellationToken);

    public static Task<ClassInfo> GetClassAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/classes/{id}", ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<ClassInfo> CreateClassAsync(this GatewayClient gateway, ClassRequest plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes", plan,
            ContractJson.Default.ClassRequest, ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<ClassInfo> UpdateClassAsync(
        this GatewayClient gateway, Guid id, ClassRequest plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Put, $"/classes/{id}", plan,
            ContractJson.Default.ClassRequest, ContractJson.Default.ClassInfo, cancellationToken);

    public static Task<JoinedClass> JoinClassAsync(this GatewayClient gateway, string code, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes/join", new JoinRequest(code),
            ContractJson.Default.JoinRequest, ContractJson.Default.JoinedClass, cancellationToken);

    /// <summary>Adds members: an address and an optional name per line.</summary>
    public static async Task<RosterResult> AddToRosterAsync(
        this GatewayClient gateway, Guid id, string csv, CancellationToken cancellationToken)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        var path = $"/classes/{id}/roster";
        return await gateway.SendAsync(HttpMethod.Post, path, content, ContractJson.Default.RosterResult, cancellationToken);
    }

    public static Task RemoveMemberAsync(this GatewayClient gateway, Guid id, string email, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, $"/classes/{id}/members/{Uri.EscapeDataString(email)}", cancellationToken);

    public static Task ResetJoinCodeAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, $"/classes/{id}/code", cancellationToken);

    public static Task EndClassAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Delete, $"/classes/{id}", cancellationToken);

    public static Task<HttpResponseMessage> GetClassCsvAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Get, $"/classes/{id}/spend.csv", content: null, cancellationToken);
}
