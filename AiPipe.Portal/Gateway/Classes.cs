using System.Text;

namespace AiPipe.Portal.Gateway;

/// <summary>The classes that a person teaches and those that they are in.</summary>
public sealed record ClassLists(IReadOnlyList<SchoolClass> Teaching, IReadOnlyList<SchoolClass> MemberOf);

/// <summary>A class: people who have a budget each from one day to another. Money in USD.</summary>
public sealed record SchoolClass
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required DateOnly StartsOn { get; init; }
    public required DateOnly EndsOn { get; init; }
    /// <summary>Of each member …</summary>
    public required decimal Limit { get; init; }
    /// <summary>… in so many UTC days, or …</summary>
    public int? Days { get; init; }
    /// <summary>… per <c>month</c>.</summary>
    public string? Period { get; init; }
    /// <summary>Those that members may use; empty = all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
    public bool Running { get; init; }

    // Only its teacher is told the rest.
    public string? Owner { get; init; }
    public string? JoinCode { get; init; }
    /// <summary>What all members may spend together.</summary>
    public decimal? TogetherLimit { get; init; }
    public IReadOnlyList<ClassMember>? Members { get; init; }

    /// <summary>What members spent from it in all its time; only its teacher is told.</summary>
    public decimal? Spent { get; init; }

    /// <summary>Such as "$1.00 in 7 days".</summary>
    public string Budget => TagHelpers.Usd.Text(Limit) + (Period is { } period ? $" a {period}" : Days is { } days ? $" in {days} days" : " in all");
}

/// <summary>A member, and what they spent from the class: in the window of its budget, and in all of its time.</summary>
public sealed record ClassMember(
    string Email, string? Name, DateTimeOffset JoinedAt, decimal Spent, decimal Remaining, decimal SpentInAll, long Calls, DateTimeOffset? LastCallAt);

/// <summary>What a class is to be like.</summary>
public sealed record ClassPlan(
    string Name, DateOnly StartsOn, DateOnly EndsOn, decimal Limit, int? Days, string? Period, IReadOnlyList<string>? Models, decimal? TogetherLimit);

/// <summary>What became of a list of people.</summary>
public sealed record RosterResult(int Added, int Already, IReadOnlyList<WrongLine> Wrong);

/// <summary>A line of the list that could not be used, counted from 1.</summary>
public sealed record WrongLine(int Line, string Text, string Why);

public sealed record JoinRequest(string Code);

internal static class ClassesApi
{
    public static Task<ClassLists> GetClassesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/classes", GatewayJson.Default.ClassLists, cancellationToken);

    /// <summary>The classes of all teachers, for admins.</summary>
    public static Task<ClassLists> GetAllClassesAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/classes?all=true", GatewayJson.Default.ClassLists, cancellationToken);

    public static Task<SchoolClass> GetClassAsync(this GatewayClient gateway, Guid id, CancellationToken cancellationToken) =>
        gateway.GetAsync($"/classes/{id}", GatewayJson.Default.SchoolClass, cancellationToken);

    public static Task<SchoolClass> CreateClassAsync(this GatewayClient gateway, ClassPlan plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes", plan, GatewayJson.Default.ClassPlan, GatewayJson.Default.SchoolClass, cancellationToken);

    public static Task<SchoolClass> UpdateClassAsync(this GatewayClient gateway, Guid id, ClassPlan plan, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Put, $"/classes/{id}", plan, GatewayJson.Default.ClassPlan, GatewayJson.Default.SchoolClass, cancellationToken);

    public static Task<SchoolClass> JoinClassAsync(this GatewayClient gateway, string code, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/classes/join", new JoinRequest(code), GatewayJson.Default.JoinRequest, GatewayJson.Default.SchoolClass, cancellationToken);

    /// <summary>Puts people into a class.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="id">The class.</param>
    /// <param name="csv">Addresses, and names perhaps, one person a line.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<RosterResult> AddToRosterAsync(this GatewayClient gateway, Guid id, string csv, CancellationToken cancellationToken)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        return await gateway.SendAsync(HttpMethod.Post, $"/classes/{id}/roster", content, GatewayJson.Default.RosterResult, cancellationToken);
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
