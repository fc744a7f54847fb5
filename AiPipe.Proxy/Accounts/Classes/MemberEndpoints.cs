using AiPipe.Proxy.Accounts.Classes.Csv;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>The members of a class: a teacher's list, joining by code, leaving, and each member's spend.</summary>
internal static class MemberEndpoints
{
    /// <summary>In bytes; five thousand long lines.</summary>
    private const int MaxRosterBytes = 2 << 20;
    private const int PartBytes = 16 << 10;

    /// <summary>A larger list must be received to return a readable refusal instead of a closed connection.</summary>
    private const int MaxReceivedBytes = 16 * MaxRosterBytes;

    public static IEndpointRouteBuilder MapMemberEndpoints(this IEndpointRouteBuilder routes)
    {
        var classes = routes.MapGroup("/classes").WithTags("Classes");
        var person = classes.MapGroup("").RequirePerson().Guarded(ClassesSetup.Limit);
        person.MapPost("/join", JoinAsync).WithSummary("Join a class by its code").Takes(typeof(JoinRequest));
        person.MapDelete("/{id}/members/{email}", RemoveAsync).WithSummary("Remove a member, or leave a class");
        person.MapGet("/{id}/spend.csv", SpendAsync).WithSummary("What each member spent from a class")
            .Gives(typeof(string), ApiDescriptions.Csv)
            .WithDescription("From one UTC date to another, both included; all of the class's time by default.");
        classes.MapPost("/{id}/roster", RosterAsync).RequireTeacher().Guarded(ClassesSetup.Limit)
            .LimitBody(MaxReceivedBytes)
            .WithSummary("Add members to a class").Takes(typeof(RosterRequest), ApiDescriptions.Json)
            .Takes(typeof(string), ApiDescriptions.Csv);
        return routes.MapUnmatched("classes");
    }

    private static async Task<Results<Ok<JoinedClass>, RefusalResult>> JoinAsync(
        HttpContext http, [FromKeyedServices(ClassesSetup.Joining)] PerMinuteLimit guesses, JoinCodes codes, TeacherLimits limits,
            TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await guesses.TakeAsync(http) is { } tooOften) return new RefusalResult(tooOften);
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.JoinRequest, cancellationToken);
        if (request is null) return new RefusalResult(wrong!);
        if (codes.Find(request.Code) is not { } id) return new RefusalResult(Refusal.JoinCodeWrong());
        var email = http.SignedIn().Email;
        var joined = await http.QueryWithTimeoutAsync((ClassMembers members, CancellationToken token) =>
            members.JoinAsync(id, email, request.Code, taught => limits.MostMembersOf(taught.Owner), token));
        if (joined is not { } found) return new RefusalResult(Refusal.JoinCodeWrong());
        return found.IsFull
            ? new RefusalResult(Refusal.InvalidRequest("The class is full. Tell the teacher.", "code"))
            : TypedResults.Ok(ClassContracts.Joined(found.Class, clock.Today));
    }

    private static async Task<Results<Ok<RosterResult>, RefusalResult>> RosterAsync(HttpContext http, string id, TeacherLimits limits,
        CancellationToken cancellationToken)
    {
        var user = http.SignedIn();
        if (await http.FindClassAsync(id, user) is not { ArchivedAt: null } taught) return http.NoClass();
        var (csv, wrong) = await ReadCsvAsync(http.Request, cancellationToken);
        if (csv is null) return new RefusalResult(wrong!);
        if (Roster.Read(csv) is not { } roster) return new RefusalResult(
            Refusal.InvalidRequest($"A roster has at most {Roster.MaxLines} lines. Send it in parts.", "csv"));
        var most = user.IsAdmin ? int.MaxValue : limits.MostMembersOf(taught.Owner);
        var added = await http.QueryWithTimeoutAsync(
            (ClassMembers members, CancellationToken token) => members.AddAsync(taught, roster.Members, most, user, token));
        return added is not { } count
            ? new RefusalResult(Refusal.InvalidRequest(
                $"A class may have at most {most} members here, so no member was added. An administrator can add more.", "csv"))
            : TypedResults.Ok(new RosterResult(count, roster.Members.Count - count + roster.Repeated, roster.Wrong));
    }

    private static async Task<(string? Csv, Refusal? Refusal)> ReadCsvAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxRosterBytes) return (null, Refusal.BodyTooLarge(MaxRosterBytes));
        if (request.HasJsonContentType())
        {
            var (body, wrong) = await request.ReadAsync(ContractJson.Default.RosterRequest, cancellationToken);
            return body is null ? (null, wrong) : body.Csv is null
                ? (null, Refusal.InvalidRequest("Give \"csv\".", "csv")) : (body.Csv, null);
        }
        if (request.ContentType is not { } type || !type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
            return (null, Refusal.UnsupportedMediaType("text/csv, or application/json with \"csv\""));
        using var bytes = new MemoryStream();
        var part = new byte[PartBytes];
        while (await request.Body.ReadAsync(part, cancellationToken) is > 0 and var read)
        {
            if (bytes.Length + read > MaxRosterBytes) return (null, Refusal.BodyTooLarge(MaxRosterBytes));
            bytes.Write(part, 0, read);
        }
        return (UploadedText.Decode(bytes.ToArray()), null);
    }

    private static async Task<Results<NoContent, RefusalResult>> RemoveAsync(HttpContext http, string id, string email)
    {
        var (user, member) = (http.SignedIn(), Email.Normalize(email));
        var taught = await http.FindClassAsync(id, user);
        // A person on a list may leave it; only the teacher may change the class.
        if (taught is null && member != user.Email) return http.NoClass();
        var isOwn = member == user.Email || taught?.Owner == user.Email;
        return Guid.TryParse(id, out var found)
            && await http.QueryWithTimeoutAsync(
                (ClassMembers members, CancellationToken token) => members.RemoveAsync(found, member, user, isOwn, token))
            ? TypedResults.NoContent()
            : http.NoClass();
    }

    private static async Task<Results<FileContentHttpResult, RefusalResult>> SpendAsync(
        HttpContext http, string id, TimeProvider clock, DateOnly? from = null, DateOnly? to = null)
    {
        if (await http.FindClassAsync(id, http.SignedIn()) is not { } taught) return http.NoClass();
        var (first, last) = (from ?? taught.StartsOn, to ?? (taught.EndsOn < clock.Today ? taught.EndsOn : clock.Today));
        if (last == DateOnly.MaxValue || last.DayNumber - first.DayNumber is > BudgetOptions.MaxDays)
            return new RefusalResult(Refusal.InvalidRequest("The parameters \"from\" and \"to\" are too far apart.", "from"));
        var members = await http.QueryWithTimeoutAsync((ClassMembers all, CancellationToken token) => all.ListAsync(taught.Id, token));
        var uses = await http.QueryWithTimeoutAsync(
            (ClassSpend spend, CancellationToken token) => spend.OfAsync(taught, members, first, last, token));
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"class-{taught.Id}.csv\"";
        var csv = new CsvText().ForSpreadsheets();
        foreach (var name in (string[])["email", "name", "calls", "input_tokens", "output_tokens", "cost_usd"]) csv.Value(name);
        csv.EndLine();
        foreach (var member in members)
        {
            var use = uses.GetValueOrDefault(member.Email);
            csv.Text(member.Email).Text(member.Name).Value(use.Calls).Value(use.InputTokens).Value(use.OutputTokens).Value(use.Cost)
                .EndLine();
        }
        return TypedResults.Bytes(csv.Take(), CsvText.MediaType);
    }
}
