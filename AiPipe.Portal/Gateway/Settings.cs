using System.Text.Json;

namespace AiPipe.Portal.Gateway;

public sealed record SettingSections(IReadOnlyDictionary<string, IReadOnlyList<Setting>> Sections);

/// <summary>Something that admins can change while the gateway runs.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Path">Where it stands: <c>Budgets</c>, <c>ann@example.com</c>.</param>
/// <param name="Value">What holds now; secrets are masked.</param>
/// <param name="Source"><c>file</c>, or <c>runtime</c> when an admin changed it.</param>
/// <param name="ChangedAt">When that was.</param>
/// <param name="ChangedBy">Who that was.</param>
/// <param name="Version">Of that change; 0 where files say it.</param>
/// <param name="InFiles">Files say something there, too.</param>
public sealed record Setting(
    string Name, IReadOnlyList<string> Path, JsonElement? Value, string Source, DateTimeOffset? ChangedAt, string? ChangedBy, long Version, bool InFiles)
{
    /// <summary>An admin changed it.</summary>
    public bool IsChanged => Source == "runtime";
}

/// <summary>A change of a setting.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Value">The whole of it.</param>
/// <param name="Note">Why, for the audit trail.</param>
/// <param name="Version">What whoever changes it has seen there; another is not overwritten. <c>null</c> = whatever is there.</param>
public sealed record SettingChange(IReadOnlyList<string> Path, JsonElement? Value, string? Note, long? Version = null);

public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? Next);

/// <summary>What an admin did.</summary>
public sealed record AuditEntry(Guid Id, DateTimeOffset At, string Who, string Action, string Subject, JsonElement? Before, JsonElement? After, string? Note);

public sealed record ProviderList(IReadOnlyList<ProviderState> Providers);

/// <summary>A provider, and how its keys are doing on the replica that was asked.</summary>
public sealed record ProviderState(string Name, string? Alias, string Dialect, string BaseUrl, bool BuiltIn, string Source, IReadOnlyList<KeyState> Keys);

public sealed record KeyState(string Key, string Status, DateTimeOffset? SetAsideUntil, int? LastStatus, DateTimeOffset? LastUsedAt);

public sealed record PriceList(IReadOnlyList<PriceState> Prices);

/// <summary>USD per million tokens.</summary>
public sealed record PriceState(
    string Provider, string Model, string Source, string? Version, decimal? Input, decimal? CacheRead, decimal? CacheWrite, decimal? Output);

/// <summary>How the gateway is doing.</summary>
public sealed record SystemState(
    string Version, DateTimeOffset StartedAt, ServerState Postgres, RedisState Redis, JournalState Journal, IReadOnlyList<ReplicaState> Replicas, UnattributedState Unattributed);

public sealed record ServerState(bool Ok, double? LatencyMs);

public sealed record RedisState(bool Configured, bool Ok, double? LatencyMs);

public sealed record JournalState(long PendingEntries, long Bytes);

public sealed record ReplicaState(string Id, DateTimeOffset? LastSeenAt, bool This);

public sealed record UnattributedState(long Entries, decimal Cost);

internal static class SettingsApi
{
    public static async Task<IReadOnlyList<Setting>> GetSettingsAsync(this GatewayClient gateway, string section, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/settings", GatewayJson.Default.SettingSections, cancellationToken)).Sections.GetValueOrDefault(section) ?? [];

    /// <summary>Sets a value; <c>null</c> as JSON takes it away, none at all goes back to what the files say.</summary>
    public static Task ChangeSettingAsync(this GatewayClient gateway, SettingChange change, CancellationToken cancellationToken) =>
        gateway.SendAsync(HttpMethod.Post, "/admin/settings", change, GatewayJson.Default.SettingChange, cancellationToken);

    public static Task<AuditPage> GetAuditAsync(this GatewayClient gateway, string? before, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/audit" + (before is null ? "" : $"?before={Uri.EscapeDataString(before)}"), GatewayJson.Default.AuditPage, cancellationToken);

    public static async Task<IReadOnlyList<ProviderState>> GetProvidersAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/admin/providers", GatewayJson.Default.ProviderList, cancellationToken)).Providers;

    public static async Task<IReadOnlyList<PriceState>> GetPricesAsync(this GatewayClient gateway, string? search, CancellationToken cancellationToken) =>
        (await gateway.GetAsync($"/admin/prices?limit=100&search={Uri.EscapeDataString(search ?? "")}", GatewayJson.Default.PriceList, cancellationToken)).Prices;

    public static Task<SystemState> GetSystemAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync("/admin/system", GatewayJson.Default.SystemState, cancellationToken);
}
