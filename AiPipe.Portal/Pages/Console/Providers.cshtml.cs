using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Where calls go, and how the keys for it are doing.</summary>
public sealed class ProvidersModel : PortalPage
{
    public IReadOnlyList<ProviderInfo> Providers { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Providers = await Gateway.GetProvidersAsync(cancellationToken);

    /// <summary>Adds a key to those that a provider has, or takes one of them away: kept ones go by the name that they are shown by.</summary>
    public async Task<IActionResult> OnPostKeysAsync(string name, string? add, string? remove, CancellationToken cancellationToken)
    {
        await OnGetAsync(cancellationToken);
        if (Providers.FirstOrDefault(provider => provider.Name == name) is not { } provider) return RedirectToSelf($"{name} is gone.");
        var keys = provider.Keys.Select(key => key.Key).Where(key => key != remove).Concat(string.IsNullOrWhiteSpace(add) ? [] : [add.Trim()]);
        var value = Value(await Gateway.GetSettingsAsync("Providers", cancellationToken), name);
        value["Keys"] = new JsonArray([.. keys.Select(key => (JsonNode)key)]);
        return await ChangeAsync(name, value, "The keys are changed.", cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(string? name, string dialect, string? baseUrl, string? key, CancellationToken cancellationToken) =>
        ChangeAsync((name ?? "").Trim(), new JsonObject { ["Dialect"] = dialect, ["BaseUrl"] = baseUrl?.Trim(), ["Keys"] = new JsonArray((key ?? "").Trim()) }, $"{name} is added.", cancellationToken);

    private static JsonObject Value(IReadOnlyList<SettingInfo> settings, string name) =>
        settings.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value is { ValueKind: JsonValueKind.Object } value ? JsonObject.Create(value)! : [];

    private async Task<IActionResult> ChangeAsync(string name, JsonObject value, string done, CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Providers", name], JsonSerializer.SerializeToElement(value), Note: null);
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken))) return RedirectToSelf(done);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
