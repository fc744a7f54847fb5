namespace AiPipe.Contracts;

/// <summary>People, by address: <c>GET /admin/people</c>.</summary>
/// <param name="People">One page.</param>
/// <param name="Next">The <c>after</c> of the next page; absent on the last page.</param>
public sealed record PersonList(IReadOnlyList<PersonInfo> People, string? Next);

/// <summary>A person as admins see them. Money in USD.</summary>
/// <param name="Email">The person's address.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Role"><c>admin</c>, <c>teacher</c> or <c>person</c>.</param>
/// <param name="SourceOfBudget">The entry that gives them their budget: their address, their domain, <c>*</c> or <c>class:ID</c>.</param>
/// <param name="Limit">The budget's limit.</param>
/// <param name="Days">Its window in UTC days.</param>
/// <param name="Period"><c>month</c> where the window is the calendar month.</param>
/// <param name="Spent">Spent in the window.</param>
/// <param name="Held">Reserved by calls in flight.</param>
/// <param name="Remaining">Left of the limit.</param>
/// <param name="Disabled">No token or key of theirs is accepted.</param>
/// <param name="HasPassword">They can sign in with a password.</param>
/// <param name="LastSeenAt">When they signed in last.</param>
/// <param name="LastCallAt">When their last call began.</param>
public sealed record PersonInfo(
    string Email, string? Name, string Role, string SourceOfBudget, decimal Limit, int? Days, string? Period, decimal Spent, decimal Held,
    decimal Remaining,
    bool Disabled, bool HasPassword, DateTimeOffset? LastSeenAt, DateTimeOffset? LastCallAt)
{
    /// <summary>How many web apps have an allowance; only in responses about one person.</summary>
    public int? Grants { get; init; }
}

/// <summary>Adds a person, or gives a known person a name or a password: <c>POST /admin/people</c>.</summary>
/// <param name="Email">The person's address.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Password">10 to 128 characters; absent = no change.</param>
public sealed record PersonRequest(string? Email, string? Name, string? Password)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(PersonRequest);
}

/// <summary>A link that signs a person in once: <c>POST /admin/people/{email}/link</c>. It is as secret as a token.</summary>
/// <param name="Link">The address to open.</param>
/// <param name="ExpiresAt">When it stops working unused.</param>
public sealed record OneTimeLink(string Link, DateTimeOffset ExpiresAt)
{
    /// <summary>Never prints a secret.</summary>
    public override string ToString() => nameof(OneTimeLink);
}
