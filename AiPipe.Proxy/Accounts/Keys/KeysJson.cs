using System.Text.Json.Serialization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Usage;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>A wish for a key.</summary>
internal sealed record KeyRequest(string? Name, decimal? Limit, int? Days, string? Period, int? ExpiresInDays);

/// <summary>Keys, the newest first.</summary>
internal sealed record KeyList(IReadOnlyList<ListedKey> Keys);

/// <summary>A key. What it spent and has left is told of keys with a limit, in USD, over its window.</summary>
internal sealed record ListedKey
{
    public required Guid Id { get; init; }
    /// <summary>Whose; only admins are told.</summary>
    public string? User { get; init; }
    public required string Name { get; init; }
    /// <summary>How its text begins.</summary>
    public required string Prefix { get; init; }
    public required bool Active { get; init; }
    public decimal? Limit { get; init; }
    public int? Days { get; init; }
    public string? Period { get; init; }
    public decimal? Spent { get; init; }
    public decimal? Held { get; init; }
    public decimal? Remaining { get; init; }
    public required DateTime CreatedAt { get; init; }
    public DateTime? ExpiresAt { get; init; }
    public DateTime? RevokedAt { get; init; }
    /// <summary>When the last call began that has ended.</summary>
    public DateTime? LastUsedAt { get; init; }
    public string? MadeBy { get; init; }
    /// <summary>The whole text: only in the answer to its making.</summary>
    [JsonPropertyName("key")]
    public string? Text { get; init; }

    public static ListedKey Of(UsedKey used, ScopeSpend? spend, DateTimeOffset now, bool tellsUser) => new()
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
        Held = spend?.Held.ToUsd(),
        Remaining = spend is null ? null : UsageScope.RemainingOf(spend),
        CreatedAt = used.Key.CreatedAt.UtcDateTime,
        ExpiresAt = used.Key.ExpiresAt?.UtcDateTime,
        RevokedAt = used.Key.RevokedAt?.UtcDateTime,
        LastUsedAt = used.LastUsedAt?.UtcDateTime,
        MadeBy = used.Key.MadeBy,
    };
}

[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(ListedKey))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false, WriteIndented = true)]
internal sealed partial class KeysJson : JsonSerializerContext;
