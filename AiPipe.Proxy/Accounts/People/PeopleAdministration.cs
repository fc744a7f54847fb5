using System.Text.Json.Nodes;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Settings.Audit;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Accounts.People;

/// <summary>Administrators' changes of people, each in one transaction with its audit entry.</summary>
internal sealed class PeopleAdministration(AiPipeDb db, PeopleRows people, SignInLinks links, AuditLog audit)
{
    /// <summary>Adds a person, or sets a name or password.</summary>
    /// <returns>True for a new person.</returns>
    public async Task<bool> AddAsync(string admin, string email, string? name, string? passwordHash, CancellationToken cancellationToken)
    {
        var isNew = false;
        await InOneAsync(async token =>
        {
            isNew = await people.AddAsync(email, name, passwordHash, token);
            var what = new JsonObject { ["name"] = name, ["password"] = passwordHash is null ? null : "set" };
            await audit.WriteAsync(admin, isNew ? "person.add" : "person.change", email, before: null, what, note: null, token);
        }, cancellationToken);
        return isNew;
    }

    public Task DisableAsync(string admin, string email, bool disabled, CancellationToken cancellationToken) =>
        people.DisableAsync(email, disabled, token => audit.WriteAsync(
            admin, disabled ? "person.disable" : "person.enable", email, before: null, after: null, note: null, token), cancellationToken);

    public async Task<(string Code, DateTimeOffset ExpiresAt)> LinkAsync(string admin, string email, CancellationToken cancellationToken)
    {
        (string, DateTimeOffset) link = default;
        await InOneAsync(async token =>
        {
            await people.AddAsync(email, name: null, passwordHash: null, token);
            link = await links.IssueAsync(email, admin, token);
            await audit.WriteAsync(admin, "link.issue", email, before: null, after: null, note: null, token);
        }, cancellationToken);
        return link;
    }

    private Task InOneAsync(Func<CancellationToken, Task> change, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await change(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        });
}
