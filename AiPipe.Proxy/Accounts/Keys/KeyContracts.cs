using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Usage;

namespace AiPipe.Proxy.Accounts.Keys;

internal static class KeyContracts
{
    public static KeyInfo ToContract(this UsedKey used, ScopeSpend? spend, DateTimeOffset now, bool tellsUser) => new()
    {
        Id = used.Key.Id,
        User = tellsUser ? used.Key.User : null,
        Name = used.Key.Name,
        Prefix = used.Key.Prefix,
        Active = used.Key.IsLivingAt(now),
        Limit = used.Key.Limit?.ToUsd(),
        Days = used.Key.Days,
        Period = used.Key is { Limit: not null, Days: null } ? "month" : null,
        Spent = spend?.Spent.ToUsd(),
        Held = spend?.Reserved.ToUsd(),
        Remaining = spend?.Remaining(),
        CreatedAt = used.Key.CreatedAt.UtcDateTime,
        ExpiresAt = used.Key.ExpiresAt?.UtcDateTime,
        RevokedAt = used.Key.RevokedAt?.UtcDateTime,
        LastUsedAt = used.LastUsedAt?.UtcDateTime,
        MadeBy = used.Key.MadeBy,
    };
}
