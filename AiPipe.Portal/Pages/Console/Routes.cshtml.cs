using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Paths of one's own, behind which models answer that the operator has chosen.</summary>
public sealed class RoutesModel() : TargetsPage("Routes")
{
    private const string Enabled = "Enabled";

    public Task OnGetAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    /// <summary>Switches a route on or off: whatever else it says stays as it is at that moment.</summary>
    public async Task<IActionResult> OnPostSwitchAsync(string id, bool on, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (Find(id) is not { Value: { ValueKind: JsonValueKind.Object } before } setting) return RedirectToSelf(DocumentPage.NotFoundMessage);
        var value = JsonObject.Create(before)!;
        foreach (var field in value.Select(field => field.Key).Where(field => field.Equals(Enabled, StringComparison.OrdinalIgnoreCase)).ToList()) value.Remove(field);
        value[Enabled] = on;
        var change = new SettingRequest(["Routes", setting.Name], JsonSerializer.SerializeToElement(value), Note: null, setting.Version);
        return await ChangeAsync(change, $"{setting.Name} is switched {(on ? "on" : "off: calls there are refused")}.", cancellationToken);
    }

    /// <summary>What callers without a token may spend together, as JSON; <c>null</c> = they are refused.</summary>
    public static string? Anonymous(SettingInfo? setting) =>
        setting?.Value is { ValueKind: JsonValueKind.Object } value
            ? value.EnumerateObject().Where(field => field.Name.Equals(nameof(Anonymous), StringComparison.OrdinalIgnoreCase)).Select(field => JsonText.Line(field.Value)).FirstOrDefault()
            : null;

    private protected override IReadOnlyList<RouteInfo> Select(RouteList list) => list.Routes;
}
