using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Who has a salt. The salts themselves stand on no page.</summary>
public sealed class SaltsModel : PortalPage
{
    /// <summary>No salt, whatever the files say: not the same as nothing being said here.</summary>
    private static readonly JsonElement None = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>The person's address.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Name { get; set; }

    [BindProperty]
    public string? Note { get; set; }

    public IReadOnlyList<SettingInfo> Salts { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Salts = await Gateway.GetSettingsAsync("Salts", cancellationToken);

    public Task<IActionResult> OnPostAsync(string? salt, CancellationToken cancellationToken)
    {
        var name = (Name ?? "").Trim();
        // Budgets have such names, and a salt of one would end nobody's token.
        if (name is "" or ['@' or '*', ..]) ModelState.AddModelError(nameof(Name), "A salt is one person's: give their address.");
        return ChangeAsync(NewSalt.Create(name, salt, Note), $"{name} has a new salt: tokens signed before have ended.", cancellationToken);
    }

    public Task<IActionResult> OnPostRemoveAsync(CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Salts", Name ?? ""], None, Note: null), $"{Name} has no salt any more.", cancellationToken);

    /// <summary>Forgets what was said here: what the files say holds again.</summary>
    public Task<IActionResult> OnPostFileAsync(CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Salts", Name ?? ""], Value: default, Note: null), $"What the configuration says of {Name} holds again.", cancellationToken);

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string done, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken))) return RedirectToSelf(done);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
