using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Portal.Gateway;

internal static class PeopleApi
{
    public static Task<PersonList> GetPeopleAsync(
        this GatewayClient gateway, string? search, string? after, CancellationToken cancellationToken)
    {
        var query = new QueryBuilder();
        if (!string.IsNullOrWhiteSpace(search)) query.Add("search", search);
        if (!string.IsNullOrWhiteSpace(after)) query.Add("after", after);
        return gateway.GetAsync("/admin/people" + query, ContractJson.Default.PersonList, cancellationToken);
    }

    public static Task<PersonInfo> GetPersonAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        gateway.GetAsync(Path(email), ContractJson.Default.PersonInfo, cancellationToken);

    public static Task AddPersonAsync(this GatewayClient gateway, PersonRequest person, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/admin/people", person, ContractJson.Default.PersonRequest, cancellationToken);

    public static Task<OneTimeLink> CreateSignInLinkAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        gateway.PostAsync(Path(email) + "/link", ContractJson.Default.OneTimeLink, cancellationToken);

    /// <summary>Tokens and keys of a disabled person are rejected.</summary>
    public static Task SetDisabledAsync(this GatewayClient gateway, string email, bool disabled, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, $"{Path(email)}/{(disabled ? "disable" : "enable")}", cancellationToken);

    private static string Path(string email) => "/admin/people/" + Uri.EscapeDataString(email);
}
