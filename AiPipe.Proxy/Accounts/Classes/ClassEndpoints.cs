using System.Globalization;
using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary><c>/classes</c>: a person's classes as teacher or member; creating, changing and archiving them.</summary>
internal static class ClassEndpoints
{
    public static IEndpointRouteBuilder MapClassEndpoints(this IEndpointRouteBuilder routes)
    {
        var classes = routes.MapGroup("/classes").WithTags("Classes");
        var person = classes.MapGroup("").RequirePerson().Guarded(ClassesSetup.Limit);
        person.MapGet("", ListAsync).WithSummary("List the classes that you teach and those that you are a member of")
            .WithDescription("With all=true, admins see all teachers' classes.");
        person.MapGet("/{id}", ReadAsync).WithSummary("Read a class that you teach, with its members");
        var teacher = classes.MapGroup("").RequireTeacher().Guarded(ClassesSetup.Limit);
        teacher.MapPost("", AddAsync).WithSummary("Create a class").Takes(typeof(ClassRequest));
        teacher.MapPut("/{id}", ChangeAsync).WithSummary("Change a class").Takes(typeof(ClassRequest));
        teacher.MapDelete("/{id}", ArchiveAsync).WithSummary("Archive a class");
        teacher.MapPost("/{id}/code", RecodeAsync).WithSummary("Replace the join code of a class");
        return routes;
    }

    /// <summary>With <c>?all=true</c>, administrators see all classes.</summary>
    private static async Task<Ok<ClassList>> ListAsync(HttpContext http, TimeProvider clock, PageOrigin origin, bool all = false)
    {
        var user = http.SignedIn();
        var owner = all && user.IsAdmin ? null : user.Email;
        var (pages, today) = (origin.Of(http.Request), clock.Today);
        return await http.QueryWithTimeoutAsync(async (ClassRows rows, CancellationToken token) =>
        {
            var teaching = await rows.TaughtByAsync(owner, token);
            var joined = await rows.JoinedByAsync(user.Email, token);
            return TypedResults.Ok(new ClassList([.. teaching.Select(own => ClassContracts.Shown(own.Class, own.Members, pages, today))],
                [.. joined.Select(taught => ClassContracts.Joined(taught, today))]));
        });
    }

    private static async Task<Results<Ok<ClassInfo>, RefusalResult>> ReadAsync(HttpContext http, string id, TimeProvider clock,
        PageOrigin origin)
    {
        var (user, pages, today) = (http.SignedIn(), origin.Of(http.Request), clock.Today);
        if (await http.FindClassAsync(id, user) is not { } taught) return http.NoClass();
        var members = await http.QueryWithTimeoutAsync((ClassMembers all, CancellationToken token) => all.ListAsync(taught.Id, token));
        var spends = await http.QueryWithTimeoutAsync((ClassSpend spend, CancellationToken token) => spend.OfAsync(taught, members, token));
        var shown = members.ConvertAll(member => Shown(taught, member, spends.GetValueOrDefault(member.Email)));
        var spent = shown.Sum(member => member.SpentInAll);
        return TypedResults.Ok(ClassContracts.Shown(taught, members.Count, pages, today) with { Members = shown, Spent = spent });
    }

    private static ClassMemberInfo Shown(TaughtClass taught, ClassMember member, MemberSpend spend) => new(
        member.Email, member.Name, member.JoinedAt, member.How, spend.Recent, Math.Max(0, taught.Limit.ToUsd() - spend.Recent), spend.Total,
            spend.Calls, spend.LastCallAt);

    private static async Task<Results<Created<ClassInfo>, RefusalResult>> AddAsync(
        HttpContext http, TimeProvider clock, PageOrigin origin, TeacherLimits limits, CancellationToken cancellationToken)
    {
        var (user, today) = (http.SignedIn(), clock.Today);
        var (terms, refusal) = await ReadTermsAsync(http, limits.Of(user), today, cancellationToken);
        if (terms is null) return new RefusalResult(refusal!);
        if (limits.Of(user) is { } own)
        {
            var spent = await http.QueryWithTimeoutAsync(
                (ClassRows rows, CancellationToken token) => rows.SpentByArchivedAsync(user.Email, token));
            if (terms.TogetherLimit + spent > PicoUsd.FromUsd(own.MostTogether)) return new RefusalResult(Refusal.InvalidRequest(
                string.Create(CultureInfo.InvariantCulture, $"Your archived classes have spent {spent} USD of the {own.MostTogether} USD ")
                    + "that classes may spend here. Give a lower \"together_limit\", or ask an administrator.", "together_limit"));
        }
        var most = limits.Of(user)?.MostClasses;
        var taught = await http.QueryWithTimeoutAsync(
            (ClassRows rows, CancellationToken token) => rows.AddAsync(user.Email, terms, most, token));
        return taught is null
            ? new RefusalResult(Refusal.InvalidRequest(
                $"A teacher may have at most {most} classes here that are not over. Archive one, or ask an administrator."))
            : TypedResults.Created((string?)null, ClassContracts.Shown(taught, members: 0, origin.Of(http.Request), today));
    }

    private static async Task<Results<Ok<ClassInfo>, RefusalResult>> ChangeAsync(
        HttpContext http, string id, TimeProvider clock, PageOrigin origin, TeacherLimits limits, CancellationToken cancellationToken)
    {
        var (user, today) = (http.SignedIn(), clock.Today);
        if (await http.FindClassAsync(id, user) is not { ArchivedAt: null } taught) return http.NoClass();
        var (terms, refusal) = await ReadTermsAsync(http, limits.Of(user), today, cancellationToken);
        if (terms is null) return new RefusalResult(refusal!);
        return await AnswerAsync(http, origin, today, (rows, token) => rows.ChangeAsync(taught, terms, user, token));
    }

    private static async Task<Results<Ok<ClassInfo>, RefusalResult>> RecodeAsync(HttpContext http, string id, TimeProvider clock,
        PageOrigin origin)
    {
        var user = http.SignedIn();
        return await http.FindClassAsync(id, user) is { ArchivedAt: null } taught
            ? await AnswerAsync(http, origin, clock.Today, (rows, token) => rows.RecodeAsync(taught, user, token))
            : http.NoClass();
    }

    private static async Task<Results<NoContent, RefusalResult>> ArchiveAsync(HttpContext http, string id)
    {
        var user = http.SignedIn();
        if (await http.FindClassAsync(id, user) is not { } taught) return http.NoClass();
        return await http.QueryWithTimeoutAsync<ClassRows, NoContent>(async (rows, token) =>
        {
            await rows.ArchiveAsync(taught, user, token);
            return TypedResults.NoContent();
        });
    }

    private static Task<Ok<ClassInfo>> AnswerAsync(
        HttpContext http, PageOrigin origin, DateOnly today, Func<ClassRows, CancellationToken, Task<TaughtClass>> change)
    {
        var pages = origin.Of(http.Request);
        return http.QueryWithTimeoutAsync(async (AnsweredClass answered, CancellationToken token) =>
        {
            var taught = await change(answered.Rows, token);
            var members = (await answered.Members.ListAsync(taught.Id, token)).Count;
            return TypedResults.Ok(ClassContracts.Shown(taught, members, pages, today));
        });
    }

    private static async Task<(ClassTerms? Terms, Refusal? Refusal)> ReadTermsAsync(
        HttpContext http, ClassOptions? limits, DateOnly today, CancellationToken cancellationToken)
    {
        var (request, wrong) = await http.Request.ReadAsync(ContractJson.Default.ClassRequest, cancellationToken);
        return request is null ? (null, wrong) : ClassTerms.Read(request, limits, today);
    }
}
