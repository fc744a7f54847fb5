using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Settings;

/// <summary>An admin who changes settings.</summary>
internal static class SettingsClient
{
    public const string Admin = "admin@example.com";

    public static string[] Path(params string[] path) => path;

    /// <summary>Changes something; the answer.</summary>
    public static async Task<JsonElement> ChangeAsync(this Gateway gateway, object change, string who = Admin)
    {
        using var response = await gateway.SendAsync(HttpMethod.Post, "/admin/settings", gateway.Token(who), change);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>Gives Ann a budget in USD.</summary>
    public static Task ChangeBudgetAsync(this Gateway gateway, decimal limit) =>
        gateway.ChangeAsync(new { path = Path("Budgets", Gateway.Ann), value = new { Limit = limit, Days = 7 } });

    /// <summary>Tries to; the status and what the refusal says.</summary>
    public static async Task<(HttpStatusCode Status, string Code, string Message)> RefusedAsync(
        this Gateway gateway, object change, string who = Admin)
    {
        using var response = await gateway.SendAsync(HttpMethod.Post, "/admin/settings", gateway.Token(who), change);
        Assert.False(response.IsSuccessStatusCode);
        var json = await response.JsonAsync();
        return (response.StatusCode, json.GetProperty("error").Text("code"), json.Text("message"));
    }

    public static async Task<JsonElement> SettingsAsync(this Gateway gateway)
    {
        using var response = await gateway.SendAsync(HttpMethod.Get, "/admin/settings", gateway.Token(Admin));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync() + string.Join('\n', gateway.Logs.Lines));
        return await response.JsonAsync();
    }

    /// <summary>One entry; <c>null</c> when it is not listed.</summary>
    public static async Task<JsonElement?> SettingAsync(this Gateway gateway, string section, string name)
    {
        foreach (var entry in (await gateway.SettingsAsync()).GetProperty("sections").GetProperty(section).EnumerateArray())
            if (entry.Text("name") == name) return entry;
        return null;
    }

    public static async Task<JsonElement> ProviderAsync(this Gateway gateway, string name) =>
        (await gateway.GetJsonAsync("/admin/providers", gateway.Token(Admin))).GetProperty("providers").EnumerateArray()
            .Single(provider => provider.Text("name") == name);

    /// <summary>The id of a provider's key.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="mask">The mask of the key; <c>null</c> = the only one.</param>
    public static async Task<string> KeyIdAsync(this Gateway gateway, string provider, string? mask = null) =>
        (await gateway.ProviderAsync(provider)).GetProperty("keys").EnumerateArray()
            .Single(key => mask is null || key.Text("key") == mask).Text("id");

    public static async Task<List<JsonElement>> AuditAsync(this Gateway gateway, string query = "") =>
        [.. (await gateway.GetJsonAsync($"/admin/audit{query}", gateway.Token(Admin))).GetProperty("entries").EnumerateArray()];

    public static async Task<decimal> LimitAsync(this Gateway gateway, string email) =>
        (await gateway.GetJsonAsync("/usage", gateway.Token(email))).GetProperty("limit").GetDecimal();
}
