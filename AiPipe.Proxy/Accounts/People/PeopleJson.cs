using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Some people, by address; <c>next</c> is the <c>after</c> of the page after it.</summary>
internal sealed record PeoplePage(IReadOnlyList<ShownPerson> People, string? Next);

/// <summary>A person as admins see them. Money in USD.</summary>
internal sealed record ShownPerson(
    string Email, string? Name, string Role, string SourceOfBudget, decimal Limit, int? Days, string? Period, decimal Spent, decimal Held, decimal Remaining,
    bool Disabled, bool HasPassword, DateTimeOffset? LastSeenAt, DateTimeOffset? LastCallAt)
{
    /// <summary>How many web apps may spend for them.</summary>
    public int? Grants { get; init; }
}

/// <summary>Somebody who is added, or given a name or a password.</summary>
internal sealed record PersonRequest(string? Email, string? Name, string? Password)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(PersonRequest);
}

/// <summary>A way in, once. It is worth a token.</summary>
internal sealed record OneTimeLink(string Link, DateTimeOffset ExpiresAt);

[JsonSerializable(typeof(PeoplePage))]
[JsonSerializable(typeof(ShownPerson))]
[JsonSerializable(typeof(PersonRequest))]
[JsonSerializable(typeof(OneTimeLink))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
internal sealed partial class PeopleJson : JsonSerializerContext;
