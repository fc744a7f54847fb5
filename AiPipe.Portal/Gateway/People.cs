using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Portal.Gateway;

public sealed record PersonPage(IReadOnlyList<Person> People, string? Next);

/// <summary>Somebody as admins see them. Money in USD.</summary>
public sealed record Person
{
    public required string Email { get; init; }
    public string? Name { get; init; }
    /// <summary><c>admin</c>, <c>teacher</c> or <c>person</c>.</summary>
    public string? Role { get; init; }
    /// <summary>The name whose budget they have: their own, their domain's, <c>*</c> or <c>class:ID</c>.</summary>
    public string? SourceOfBudget { get; init; }
    public decimal Limit { get; init; }
    public int? Days { get; init; }
    public string? Period { get; init; }
    public decimal Spent { get; init; }
    public decimal Held { get; init; }
    public decimal Remaining { get; init; }
    public bool Disabled { get; init; }
    public bool HasPassword { get; init; }
    public DateTimeOffset? LastCallAt { get; init; }
}

public sealed record NewPerson(string Email, string? Name, string? Password);

/// <summary>Signs somebody in once.</summary>
public sealed record SignInLink(string Link, DateTimeOffset ExpiresAt);

internal static class PeopleApi
{
    public static Task<PersonPage> GetPeopleAsync(this GatewayClient gateway, string? search, string? after, CancellationToken cancellationToken)
    {
        var query = new QueryBuilder();
        if (!string.IsNullOrWhiteSpace(search)) query.Add("search", search);
        if (!string.IsNullOrWhiteSpace(after)) query.Add("after", after);
        return gateway.GetAsync("/admin/people" + query, GatewayJson.Default.PersonPage, cancellationToken);
    }

    public static Task<Person> GetPersonAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken) =>
        gateway.GetAsync(Path(email), GatewayJson.Default.Person, cancellationToken);

    public static Task AddPersonAsync(this GatewayClient gateway, NewPerson person, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/admin/people", person, GatewayJson.Default.NewPerson, cancellationToken);

    public static async Task<SignInLink> CreateSignInLinkAsync(this GatewayClient gateway, string email, CancellationToken cancellationToken)
    {
        using var nothing = new ByteArrayContent([]);
        return await gateway.SendAsync(HttpMethod.Post, Path(email) + "/link", nothing, GatewayJson.Default.SignInLink, cancellationToken);
    }

    /// <summary>A person who is disabled cannot do anything, with whatever token.</summary>
    public static Task SetDisabledAsync(this GatewayClient gateway, string email, bool disabled, CancellationToken cancellationToken) =>
        gateway.DoAsync(HttpMethod.Post, $"{Path(email)}/{(disabled ? "disable" : "enable")}", cancellationToken);

    private static string Path(string email) => "/admin/people/" + Uri.EscapeDataString(email);
}
