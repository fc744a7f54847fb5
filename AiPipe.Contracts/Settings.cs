using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Contracts;

/// <summary>
/// Changes a setting while the gateway runs: <c>POST /admin/settings</c>. Without <paramref name="Value"/> the value of the configuration
/// file holds again, so no other property may be mistaken for it.
/// </summary>
/// <param name="Path">The section and the name: <c>["Budgets", "ann@example.com"]</c>, <c>["Prices", "openai", "gpt-4o"]</c>.</param>
/// <param name="Value">
/// The whole value as it would stand in the file; <c>null</c> removes what the file says; absent returns to it. A stored secret stays where
/// the value has its <c>{ "Id": "sec_…" }</c>, or leaves out a provider's <c>Keys</c>, or both <c>Header</c> and <c>Query</c> of a target.
/// </param>
/// <param name="Note">The reason, for the audit trail.</param>
/// <param name="Version">The version that the change is based on; another version is not overwritten. Absent = any.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SettingRequest(
    IReadOnlyList<string>? Path, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] JsonElement Value,
    string? Note = null,
    long? Version = null);

/// <summary>Every setting that can change while the gateway runs, without secrets: <c>GET /admin/settings</c>.</summary>
/// <param name="Sections">By section.</param>
/// <param name="PassedOver">Changes that this version cannot read; the log says why.</param>
public sealed record SettingList(IReadOnlyDictionary<string, IReadOnlyList<SettingInfo>> Sections,
    IReadOnlyList<SkippedSetting> PassedOver);

/// <summary>One setting.</summary>
/// <param name="Name">Its name in its section.</param>
/// <param name="Path">What a change names it by.</param>
/// <param name="Value">
/// The value that holds, with <c>{ "Id": "sec_…", "Mask": "sk-…last4" }</c> for each secret; <c>null</c> where an admin removed what the
/// file says.
/// </param>
/// <param name="Source"><c>file</c>, or <c>runtime</c> where an admin changed it.</param>
/// <param name="Version">The change's version; 0 where the file's value holds.</param>
/// <param name="ChangedAt">When it was changed.</param>
/// <param name="ChangedBy">Who changed it.</param>
public sealed record SettingInfo(
    string Name, IReadOnlyList<string> Path, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Value,
    string Source,
    long Version, DateTimeOffset? ChangedAt, string? ChangedBy)
{
    /// <summary>The file has a value, too, which holds again once the change is removed.</summary>
    public bool InFiles { get; init; }
}

/// <summary>A change that this version cannot read.</summary>
/// <param name="Path">The setting.</param>
/// <param name="ChangedAt">When it was changed.</param>
/// <param name="ChangedBy">Who changed it.</param>
public sealed record SkippedSetting(IReadOnlyList<string> Path, DateTimeOffset ChangedAt, string ChangedBy);

/// <summary>What admins did, the newest first: <c>GET /admin/audit</c>.</summary>
/// <param name="Entries">One page.</param>
/// <param name="Next">The <c>before</c> of the next page; absent on the last page.</param>
public sealed record AuditList(IReadOnlyList<AuditInfo> Entries, Guid? Next);

/// <summary>What an admin did.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="At">When.</param>
/// <param name="Who">The admin's address, or the key that was used.</param>
/// <param name="Action">Such as <c>settings.change</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Before">The value before, secrets masked.</param>
/// <param name="After">The value after, secrets masked.</param>
/// <param name="Note">The admin's reason.</param>
public sealed record AuditInfo(
    Guid Id, DateTimeOffset At, string Who, string Action, string Subject, JsonElement? Before, JsonElement? After, string? Note);
