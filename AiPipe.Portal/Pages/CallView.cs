using System.Globalization;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages;

/// <summary>One call with the names of the key and the budgets that it refers to.</summary>
public sealed record CallView(CallDetails Call, BudgetNames Names)
{
    internal static async Task<CallView> LoadAsync(GatewayClient gateway, Guid id, bool isAdmin, CancellationToken cancellationToken)
    {
        var call = await gateway.GetCallAsync(id, isAdmin, cancellationToken);
        return new CallView(call, await BudgetNames.LoadAsync(gateway, call, isAdmin, cancellationToken));
    }

    public IEnumerable<(string Name, string? Value)> Rows =>
    [
        ("Person", Call.User), ("Provider", Call.Provider), ("Operation", Call.Operation), ("App", Call.App), ("Key", Names.Key(Call.Key)),
        ("HTTP status", Call.Status?.ToString(CultureInfo.InvariantCulture)),
        ("Counted in budgets", Call.Scopes is { } scopes ? string.Join(", ", scopes.Select(Names.Describe)) : null),
        ("Trace id", Call.TraceId), ("Provider's id", Call.ResponseId), ("Note", Call.Note), ("Call id", Call.Id.ToString()),
    ];
}
