using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Routes, or aliases: how their targets fare, what they are by the settings, and how one is taken away and back.</summary>
/// <param name="section">Of the settings.</param>
public abstract class TargetsPage(string section) : PortalPage
{
    /// <summary>Nothing, whatever the files say: not the same as nothing being said here.</summary>
    private static readonly JsonElement None = JsonSerializer.SerializeToElement<object?>(null);

    private protected IReadOnlyList<SettingInfo> Settings { get; private set; } = [];

    /// <summary>Each with its setting; <c>null</c> for a moment, when it has just gone.</summary>
    public IReadOnlyList<(RouteInfo State, SettingInfo? Setting)> Items { get; private set; } = [];

    /// <summary>What files have and an admin took away.</summary>
    public IReadOnlyList<SettingInfo> Removed => [.. Settings.Where(setting => setting.Value is null)];

    private protected abstract IReadOnlyList<RouteInfo> Select(RouteList list);

    private protected virtual async Task ReadAsync(CancellationToken cancellationToken)
    {
        Settings = await Gateway.GetSettingsAsync(section, cancellationToken);
        Items = [.. Select(await Gateway.GetRoutesAsync(cancellationToken)).Select(state => (state, Find(state.Id)))];
    }

    /// <summary>Takes one away. What is only here is forgotten; over what files say, too, stands that there is nothing.</summary>
    public async Task<IActionResult> OnPostRemoveAsync(string id, long seen, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        await ReadAsync(cancellationToken);
        var value = Find(id) is { InFiles: true } ? None : default;
        return await ChangeAsync(new SettingRequest([section, id], value, Note: null, seen), $"{id} is removed.", cancellationToken);
    }

    /// <summary>Forgets what was said here: what files say holds again.</summary>
    public Task<IActionResult> OnPostFileAsync(string id, long seen, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(new SettingRequest([section, id], Value: default, Note: null, seen), $"What the configuration says of {id} holds again.", cancellationToken);
    }

    private protected SettingInfo? Find(string? name) => Settings.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private protected async Task<IActionResult> ChangeAsync(SettingRequest change, string done, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken))) return RedirectToSelf(done);
        await ReadAsync(cancellationToken);
        return Page();
    }
}
