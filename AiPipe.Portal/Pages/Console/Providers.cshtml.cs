using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Providers and the state of their keys.</summary>
public sealed class ProvidersModel : PortalPage
{
    public IReadOnlyList<ProviderInfo> Providers { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Providers = await Gateway.GetProvidersAsync(cancellationToken);

    /// <summary>Adds or removes a key. The keys that stay are named by their ids.</summary>
    public async Task<IActionResult> OnPostKeysAsync(string name, string? add, string? remove, CancellationToken cancellationToken)
    {
        await OnGetAsync(cancellationToken);
        if (Providers.FirstOrDefault(provider => provider.Name == name) is not { } provider)
            return RedirectToSelf("This provider no longer exists.");
        var keys = new JsonArray([.. provider.Keys.Where(key => key.Id != remove).Select(key => new JsonObject { ["Id"] = key.Id })]);
        if (!string.IsNullOrWhiteSpace(add)) keys.Add(add.Trim());
        var value = Value(await Gateway.GetSettingsAsync("Providers", cancellationToken), name);
        value["Keys"] = keys;
        return await ChangeAsync(name, value, $"The keys of {name} are changed.", cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(string? name, string dialect, string? baseUrl, string? key, CancellationToken cancellationToken)
    {
        var keys = new JsonArray((key ?? "").Trim());
        var value = new JsonObject { ["Dialect"] = dialect, ["BaseUrl"] = baseUrl?.Trim(), ["Keys"] = keys };
        return ChangeAsync((name ?? "").Trim(), value, $"{name} is added.", cancellationToken);
    }

    private static JsonObject Value(IReadOnlyList<SettingInfo> settings, string name)
    {
        var setting = settings.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return setting?.Value is { ValueKind: JsonValueKind.Object } value ? JsonObject.Create(value)! : [];
    }

    private async Task<IActionResult> ChangeAsync(string name, JsonObject value, string message, CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Providers", name], JsonSerializer.SerializeToElement(value), Note: null);
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken)))
            return RedirectToSelf(message);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
