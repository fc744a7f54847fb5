using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The common part of routes and aliases: their targets' states, their settings, and how to remove and restore them.</summary>
/// <param name="section">The section of the settings.</param>
public abstract class TargetsPage(string section) : PortalPage
{
    /// <summary>No value, even if the file has one. A change without a value restores the file's value instead.</summary>
    private static readonly JsonElement None = JsonSerializer.SerializeToElement<object?>(null);

    private protected IReadOnlyList<SettingInfo> Settings { get; private set; } = [];

    /// <summary>Each with its setting, which is <c>null</c> if it was removed between two requests.</summary>
    public IReadOnlyList<(RouteInfo State, SettingInfo? Setting)> Items { get; private set; } = [];

    /// <summary>Settings of the file that an administrator removed.</summary>
    public IReadOnlyList<SettingInfo> Removed => [.. Settings.Where(setting => setting.Value is null)];

    private protected abstract IReadOnlyList<RouteInfo> Select(RouteList list);

    private protected virtual async Task ReadAsync(CancellationToken cancellationToken)
    {
        Settings = await Gateway.GetSettingsAsync(section, cancellationToken);
        Items = [.. Select(await Gateway.GetRoutesAsync(cancellationToken)).Select(state => (state, Find(state.Id)))];
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id, long seen, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        await ReadAsync(cancellationToken);
        var value = Find(id) is { InFiles: true } ? None : default;
        return await ChangeAsync(new SettingRequest([section, id], value, Note: null, seen), $"{id} is removed.", cancellationToken);
    }

    /// <summary>Removes the change made here, so that the file's value applies.</summary>
    public Task<IActionResult> OnPostFileAsync(string id, long seen, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        var change = new SettingRequest([section, id], Value: default, Note: null, seen);
        return ChangeAsync(change, $"The file's value of {id} is restored.", cancellationToken);
    }

    private protected SettingInfo? Find(string? name) =>
        Settings.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private protected async Task<IActionResult> ChangeAsync(SettingRequest change, string message, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken)))
            return RedirectToSelf(message);
        await ReadAsync(cancellationToken);
        return Page();
    }
}
