namespace AiPipe.Contracts;

/// <summary>A class as its teacher wants it: <c>POST /classes</c> and <c>PUT /classes/{id}</c>. Money in USD.</summary>
/// <param name="Name">For the teacher and the members.</param>
/// <param name="StartsOn">The first UTC date on which the class pays.</param>
/// <param name="EndsOn">The last one.</param>
/// <param name="Limit">What each member may spend in the window.</param>
/// <param name="Days">The window in UTC days; without it and <paramref name="Period"/> all of the class's time.</param>
/// <param name="Period"><c>month</c> for the calendar month instead of days.</param>
/// <param name="Models">The models that the class pays for, such as <c>gpt-4o</c> or <c>gpt-4o*</c>; absent or empty = every model.</param>
/// <param name="OnlyTheseModels">
/// <c>true</c> = other models are refused to members in the class's time; absent or <c>false</c> = their other budget pays for them.
/// </param>
/// <param name="TogetherLimit">What all members may spend from the class in all of its time.</param>
public sealed record ClassRequest(
    string? Name, DateOnly? StartsOn, DateOnly? EndsOn, decimal? Limit, int? Days, string? Period, IReadOnlyList<string?>? Models,
    bool? OnlyTheseModels, decimal? TogetherLimit);

/// <summary>The classes that a person teaches and those that they are a member of: <c>GET /classes</c>.</summary>
/// <param name="Teaching">For admins with <c>?all=true</c>, everybody's.</param>
/// <param name="MemberOf">As a member.</param>
public sealed record ClassList(IReadOnlyList<ClassInfo> Teaching, IReadOnlyList<JoinedClass> MemberOf);

/// <summary>A class as its teacher sees it. Money in USD.</summary>
/// <param name="Id">The id by which other requests name the class.</param>
/// <param name="Name">Its name.</param>
/// <param name="Owner">The teacher's address.</param>
/// <param name="StartsOn">The first UTC date on which it pays.</param>
/// <param name="EndsOn">The last one.</param>
/// <param name="Running">It pays today.</param>
/// <param name="Limit">What each member may spend in the window.</param>
/// <param name="Days">The window in UTC days.</param>
/// <param name="Period"><c>month</c> where the window is the calendar month.</param>
/// <param name="Models">The models that it pays for; empty = every model.</param>
/// <param name="OnlyTheseModels">Other models are refused to members in the class's time.</param>
/// <param name="TogetherLimit">What all members may spend in all of its time.</param>
/// <param name="MemberCount">How many members it has.</param>
/// <param name="JoinCode">Everyone who has this code can join.</param>
/// <param name="JoinUrl">The page where members join.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ArchivedAt">When it was archived.</param>
public sealed record ClassInfo(
    Guid Id, string Name, string Owner, DateOnly StartsOn, DateOnly EndsOn, bool Running, decimal Limit, int? Days, string? Period,
    IReadOnlyList<string> Models, bool OnlyTheseModels, decimal? TogetherLimit, int MemberCount, string JoinCode, string JoinUrl,
    DateTimeOffset CreatedAt, DateTimeOffset? ArchivedAt)
{
    /// <summary>What members spent from it in all of its time; only in <c>GET /classes/{id}</c>.</summary>
    public decimal? Spent { get; init; }
    /// <summary>Only in <c>GET /classes/{id}</c>.</summary>
    public IReadOnlyList<ClassMemberInfo>? Members { get; init; }
}

/// <summary>A member as the teacher sees them: only what they spent from this class. Money in USD.</summary>
/// <param name="Email">The member's address.</param>
/// <param name="Name">As the teacher's roster has it.</param>
/// <param name="JoinedAt">When they joined, or were added.</param>
/// <param name="How"><c>roster</c> or <c>code</c>.</param>
/// <param name="Spent">In the window of the class's budget.</param>
/// <param name="Remaining">Of the class's budget.</param>
/// <param name="SpentInAll">In all of the class's time.</param>
/// <param name="Calls">In all of the class's time.</param>
/// <param name="LastCallAt">The newest of those calls.</param>
public sealed record ClassMemberInfo(
    string Email, string? Name, DateTimeOffset JoinedAt, string How, decimal Spent, decimal Remaining, decimal SpentInAll, long Calls,
    DateTimeOffset? LastCallAt);

/// <summary>A class as its members see it. Money in USD.</summary>
/// <param name="Id">The class.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartsOn">The first UTC date on which it pays.</param>
/// <param name="EndsOn">The last one.</param>
/// <param name="Limit">What each member may spend in the window.</param>
/// <param name="Days">The window in UTC days.</param>
/// <param name="Period"><c>month</c> where the window is the calendar month.</param>
/// <param name="Models">The models that it pays for; empty = every model.</param>
/// <param name="OnlyTheseModels">Other models are refused in the class's time.</param>
/// <param name="Running">It pays today.</param>
public sealed record JoinedClass(
    Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, decimal Limit, int? Days, string? Period, IReadOnlyList<string> Models,
    bool OnlyTheseModels, bool Running);

/// <summary>Joins a class: <c>POST /classes/join</c>.</summary>
/// <param name="Code">As the teacher gave it, in any case.</param>
public sealed record JoinRequest(string? Code);

/// <summary>Adds members: <c>POST /classes/{id}/roster</c>, where the list is not sent as <c>text/csv</c>.</summary>
/// <param name="Csv">One person a line: <c>email[,name]</c>, with or without a header.</param>
public sealed record RosterRequest(string? Csv);

/// <summary>What became of a roster.</summary>
/// <param name="Added">How many people are new in the class.</param>
/// <param name="Already">How many were members before, or stand on the list twice.</param>
/// <param name="Wrong">The lines that were skipped.</param>
public sealed record RosterResult(int Added, int Already, IReadOnlyList<WrongLine> Wrong);

/// <summary>A line that was skipped.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Text">How it begins.</param>
/// <param name="Why">The reason, as a sentence without its full stop.</param>
public sealed record WrongLine(int Line, string Text, string Why);
