using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary><c>/classes</c>: what a person teaches and where they are a member; making, changing and archiving a class.</summary>
internal static class ClassEndpoints
{
    public static IEndpointRouteBuilder MapClassEndpoints(this IEndpointRouteBuilder routes)
    {
        var person = routes.MapGroup("/classes").RequirePerson().Guarded(ClassesSetup.Limit);
        person.MapGet("", ListAsync);
        person.MapGet("/{id}", ReadAsync);
        var teacher = routes.MapGroup("/classes").RequireTeacher().Guarded(ClassesSetup.Limit);
        teacher.MapPost("", AddAsync);
        teacher.MapPut("/{id}", ChangeAsync);
        teacher.MapDelete("/{id}", ArchiveAsync);
        teacher.MapPost("/{id}/code", RecodeAsync);
        routes.Map("/classes", static () => new RefusalResult(Refusal.MethodNotAllowed("GET or POST /classes")));
        routes.Map("/classes/{id}", static () => new RefusalResult(Refusal.MethodNotAllowed("GET, PUT or DELETE /classes/ID")));
        routes.Map("/classes/{id}/code", static () => new RefusalResult(Refusal.MethodNotAllowed("POST /classes/ID/code")));
        return routes;
    }

    /// <summary>With <c>?all=true</c> admins see what everybody teaches.</summary>
    private static async Task<IResult> ListAsync(HttpContext http, TimeProvider clock, PageOrigin origin, bool all = false)
    {
        var user = http.SignedIn();
        var owner = all && user.IsAdmin ? null : user.Email;
        var (pages, today) = (origin.Of(http.Request), clock.Today);
        return await http.AskAsync(async (ClassRows rows, CancellationToken token) =>
        {
            var teaching = await rows.TaughtByAsync(owner, token);
            var joined = await rows.JoinedByAsync(user.Email, token);
            return Results.Json(new ClassList([.. teaching.Select(own => ClassContracts.Shown(own.Class, own.Members, pages, today))],
                [.. joined.Select(taught => ClassContracts.Joined(taught, today))]), ContractJson.Default.ClassList);
        });
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string id, TimeProvider clock, PageOrigin origin)
    {
        var (user, pages, today) = (http.SignedIn(), origin.Of(http.Request), clock.Today);
        if (await http.FindClassAsync(id, user) is not { } taught) return http.NoClass();
        var members = await http.AskAsync((ClassMembers all, CancellationToken token) => all.ListAsync(taught.Id, token));
        var spends = await http.AskAsync((ClassSpend spend, CancellationToken token) => spend.OfAsync(taught, members, token));
        var shown = members.ConvertAll(member => Shown(taught, member, spends.GetValueOrDefault(member.Email)));
        return Results.Json(ClassContracts.Shown(taught, members.Count, pages, today) with { Members = shown, Spent = shown.Sum(member => member.SpentInAll) },
            ContractJson.Default.ClassInfo);
    }

    private static ClassMemberInfo Shown(TaughtClass taught, ClassMember member, MemberSpend spend) => new(
        member.Email, member.Name, member.JoinedAt, member.How, spend.Recent, Math.Max(0, taught.Limit.ToUsd() - spend.Recent), spend.Total, spend.Calls, spend.LastCallAt);

    private static async Task<IResult> AddAsync(
        HttpContext http, TimeProvider clock, PageOrigin origin, TeacherLimits limits, CancellationToken cancellationToken)
    {
        var (user, today) = (http.SignedIn(), clock.Today);
        var (terms, refusal) = await ReadTermsAsync(http, limits.Of(user), today, cancellationToken);
        if (terms is null) return new RefusalResult(refusal!);
        var most = limits.Of(user)?.MostClasses;
        var taught = await http.AskAsync((ClassRows rows, CancellationToken token) => rows.AddAsync(user.Email, terms, most, token));
        return taught is null
            ? new RefusalResult(Refusal.InvalidRequest($"A teacher may have at most {most} classes here that are not over. Archive one, or ask an administrator."))
            : Results.Json(ClassContracts.Shown(taught, members: 0, origin.Of(http.Request), today), ContractJson.Default.ClassInfo, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext http, string id, TimeProvider clock, PageOrigin origin, TeacherLimits limits, CancellationToken cancellationToken)
    {
        var (user, today) = (http.SignedIn(), clock.Today);
        if (await http.FindClassAsync(id, user) is not { ArchivedAt: null } taught) return http.NoClass();
        var (terms, refusal) = await ReadTermsAsync(http, limits.Of(user), today, cancellationToken);
        if (terms is null) return new RefusalResult(refusal!);
        return await AnswerAsync(http, origin, today, (rows, token) => rows.ChangeAsync(taught, terms, user, token));
    }

    private static async Task<IResult> RecodeAsync(HttpContext http, string id, TimeProvider clock, PageOrigin origin)
    {
        var user = http.SignedIn();
        return await http.FindClassAsync(id, user) is { ArchivedAt: null } taught
            ? await AnswerAsync(http, origin, clock.Today, (rows, token) => rows.RecodeAsync(taught, user, token))
            : http.NoClass();
    }

    private static async Task<IResult> ArchiveAsync(HttpContext http, string id)
    {
        var user = http.SignedIn();
        if (await http.FindClassAsync(id, user) is not { } taught) return http.NoClass();
        return await http.AskAsync(async (ClassRows rows, CancellationToken token) =>
        {
            await rows.ArchiveAsync(taught, user, token);
            return Results.NoContent();
        });
    }

    private static Task<IResult> AnswerAsync(
        HttpContext http, PageOrigin origin, DateOnly today, Func<ClassRows, CancellationToken, Task<TaughtClass>> change)
    {
        var pages = origin.Of(http.Request);
        return http.AskAsync(async (AnsweredClass answered, CancellationToken token) =>
        {
            var taught = await change(answered.Rows, token);
            var members = (await answered.Members.ListAsync(taught.Id, token)).Count;
            return Results.Json(ClassContracts.Shown(taught, members, pages, today), ContractJson.Default.ClassInfo);
        });
    }

    private static async Task<(ClassTerms? Terms, Refusal? Refusal)> ReadTermsAsync(
        HttpContext http, ClassOptions? limits, DateOnly today, CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.ClassRequest, cancellationToken);
        return request is null ? (null, wrong) : ClassTerms.Read(request, limits, today);
    }
}
