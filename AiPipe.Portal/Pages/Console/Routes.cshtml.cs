using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Routes: URLs that forward to models which the operator chooses.</summary>
public sealed class RoutesModel() : TargetsPage("Routes")
{
    private const string Enabled = "Enabled";

    public Task OnGetAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    /// <summary>Turns a route on or off and keeps its other fields.</summary>
    public async Task<IActionResult> OnPostSwitchAsync(string id, bool on, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (Find(id) is not { Value: { ValueKind: JsonValueKind.Object } before } setting)
            return RedirectToSelf(DocumentPage.NotFoundMessage);
        var value = JsonObject.Create(before)!;
        var names = value.Select(field => field.Key).Where(name => name.Equals(Enabled, StringComparison.OrdinalIgnoreCase)).ToList();
        foreach (var name in names) value.Remove(name);
        value[Enabled] = on;
        var change = new SettingRequest(["Routes", setting.Name], JsonSerializer.SerializeToElement(value), Note: null, setting.Version);
        var message = on ? $"{setting.Name} is turned on." : $"{setting.Name} is turned off. Calls to it are refused.";
        return await ChangeAsync(change, message, cancellationToken);
    }

    /// <summary>What callers without a token may spend together; <c>null</c> = they are refused.</summary>
    public static string? Anonymous(SettingInfo? setting)
    {
        if (setting?.Value is not { ValueKind: JsonValueKind.Object } value) return null;
        foreach (var field in value.EnumerateObject())
            if (field.Name.Equals(nameof(Anonymous), StringComparison.OrdinalIgnoreCase)) return BudgetText.FromSetting(field.Value, out _);
        return null;
    }

    private protected override IReadOnlyList<RouteInfo> Select(RouteList list) => list.Routes;
}
