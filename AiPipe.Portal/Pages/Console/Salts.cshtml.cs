using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Who has a salt. No page shows the salts themselves.</summary>
public sealed class SaltsModel : PortalPage
{
    /// <summary>No salt, even if the file has one. A change without a value restores the file's salt instead.</summary>
    private static readonly JsonElement None = JsonSerializer.SerializeToElement<object?>(null);

    [BindProperty(SupportsGet = true)]
    public string? Name { get; set; }

    [BindProperty]
    public string? Note { get; set; }

    public IReadOnlyList<SettingInfo> Salts { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Salts = await Gateway.GetSettingsAsync("Salts", cancellationToken);

    public Task<IActionResult> OnPostAsync(string? salt, CancellationToken cancellationToken)
    {
        var name = (Name ?? "").Trim();
        // Names of budgets such as * and @domain have no tokens.
        if (name is "" or ['@' or '*', ..]) ModelState.AddModelError(nameof(Name), "Enter the address of one person.");
        var message = $"{name} has a new salt. Tokens signed before are revoked.";
        return ChangeAsync(NewSalt.Create(name, salt, Note), message, cancellationToken);
    }

    public Task<IActionResult> OnPostRemoveAsync(CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Salts", Name ?? ""], None, Note: null), $"The salt of {Name} is removed.", cancellationToken);

    /// <summary>Removes the change made here.</summary>
    public Task<IActionResult> OnPostFileAsync(CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Salts", Name ?? ""], Value: default, Note: null);
        return ChangeAsync(change, $"The salt of {Name} set in console is removed.", cancellationToken);
    }

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string message, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken)))
            return RedirectToSelf(message);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
