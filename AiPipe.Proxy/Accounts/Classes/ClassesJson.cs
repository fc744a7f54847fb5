using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>A class as its teacher wants it. Money in USD; without <c>days</c> and <c>period</c> the limit holds for all of its time.</summary>
internal sealed record ClassRequest(
    string? Name, DateOnly? StartsOn, DateOnly? EndsOn, decimal? Limit, int? Days, string? Period, IReadOnlyList<string?>? Models, decimal? TogetherLimit);

/// <summary>A class as its teacher sees it.</summary>
internal sealed record ShownClass(
    Guid Id, string Name, string Owner, DateOnly StartsOn, DateOnly EndsOn, bool Running, decimal Limit, int? Days, string? Period,
    IReadOnlyList<string> Models, decimal? TogetherLimit, int MemberCount, string JoinCode, string JoinUrl, DateTimeOffset CreatedAt, DateTimeOffset? ArchivedAt)
{
    /// <summary>What members spent from it in all its time.</summary>
    public decimal? Spent { get; init; }
    public IReadOnlyList<ShownMember>? Members { get; init; }
}

/// <summary>A member as the teacher sees them: only what they spent from this class. Money in USD.</summary>
/// <param name="Email">Who.</param>
/// <param name="Name">As the teacher's list has it.</param>
/// <param name="JoinedAt">When they joined, or were added.</param>
/// <param name="How"><c>roster</c> or <c>code</c>.</param>
/// <param name="Spent">In the window of the class's budget.</param>
/// <param name="Remaining">Of the class's budget.</param>
/// <param name="SpentInAll">In all the class's time.</param>
/// <param name="Calls">In all the class's time.</param>
/// <param name="LastCallAt">The newest of those calls.</param>
internal sealed record ShownMember(
    string Email, string? Name, DateTimeOffset JoinedAt, string How, decimal Spent, decimal Remaining, decimal SpentInAll, long Calls, DateTimeOffset? LastCallAt);

/// <summary>A class as its members see it.</summary>
internal sealed record JoinedClass(
    Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, decimal Limit, int? Days, string? Period, IReadOnlyList<string> Models, bool Running);

internal sealed record ClassList(IReadOnlyList<ShownClass> Teaching, IReadOnlyList<JoinedClass> MemberOf);

internal sealed record JoinRequest(string? Code);

internal sealed record RosterRequest(string? Csv);

/// <summary>What became of a roster.</summary>
internal sealed record RosterResult(int Added, int Already, IReadOnlyList<WrongLine> Wrong);

/// <summary>A line that was passed over.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Text">Its beginning.</param>
/// <param name="Why">A sentence without its full stop.</param>
internal sealed record WrongLine(int Line, string Text, string Why);

[JsonSerializable(typeof(ClassRequest))]
[JsonSerializable(typeof(ShownClass))]
[JsonSerializable(typeof(ClassList))]
[JsonSerializable(typeof(JoinedClass))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(RosterRequest))]
[JsonSerializable(typeof(RosterResult))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
internal sealed partial class ClassesJson : JsonSerializerContext
{
    public static string? PeriodOf(int? days) => days is null ? "month" : null;

    public static JoinedClass Joined(TaughtClass taught, DateOnly today) => new(
        taught.Id, taught.Name, taught.StartsOn, taught.EndsOn, taught.Limit.ToUsd(), taught.Days, PeriodOf(taught.Days), taught.Models, taught.RunsOn(today));

    public static ShownClass Shown(TaughtClass taught, int members, string origin, DateOnly today) => new(
        taught.Id, taught.Name, taught.Owner, taught.StartsOn, taught.EndsOn, taught.RunsOn(today), taught.Limit.ToUsd(), taught.Days, PeriodOf(taught.Days),
        taught.Models, taught.TogetherLimit?.ToUsd(), members, taught.JoinCode, $"{origin.TrimEnd('/')}/account/classes?code={taught.JoinCode}",
        taught.CreatedAt, taught.ArchivedAt);
}
