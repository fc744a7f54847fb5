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

    private protected IReadOnlyList<Setting> Settings { get; private set; } = [];

    /// <summary>Each with its setting; <c>null</c> for a moment, when it has just gone.</summary>
    public IReadOnlyList<(RouteState State, Setting? Setting)> Items { get; private set; } = [];

    /// <summary>What files have and an admin took away.</summary>
    public IReadOnlyList<Setting> Removed => [.. Settings.Where(setting => setting.Value is null)];

    private protected abstract IReadOnlyList<RouteState> Select(RouteList list);

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
        JsonElement? value = Find(id) is { InFiles: true } ? None : null;
        return await ChangeAsync(new SettingChange([section, id], value, Note: null, seen), $"{id} is removed.", cancellationToken);
    }

    /// <summary>Forgets what was said here: what files say holds again.</summary>
    public Task<IActionResult> OnPostFileAsync(string id, long seen, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(new SettingChange([section, id], Value: null, Note: null, seen), $"What the configuration says of {id} holds again.", cancellationToken);
    }

    private protected Setting? Find(string? name) => Settings.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private protected async Task<IActionResult> ChangeAsync(SettingChange change, string done, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken))) return RedirectToSelf(done);
        await ReadAsync(cancellationToken);
        return Page();
    }
}
