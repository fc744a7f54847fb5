using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Who may spend what: allUsers, a domain, a person; and what all may spend together.</summary>
public sealed class BudgetsModel : PortalPage
{
    [BindProperty]
    public BudgetForm Budget { get; set; } = new();

    /// <summary><c>*</c>, <c>@example.com</c> or an address.</summary>
    [BindProperty]
    public string? Name { get; set; }

    public IReadOnlyList<SettingInfo> Budgets { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Budgets = [.. (await Gateway.GetSettingsAsync("Budgets", cancellationToken)).Where(setting => setting.Value is { ValueKind: JsonValueKind.Object })];

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        await OnGetAsync(cancellationToken);
        var name = (Name ?? "").Trim();
        var before = Budgets.FirstOrDefault(setting => setting.Path.SequenceEqual(["Budgets", name]))?.Value;
        return await ChangeAsync(new SettingRequest(["Budgets", name], Budget.ToJson(before), Budget.Note), "Saved: the next call obeys it.", cancellationToken);
    }

    public Task<IActionResult> OnPostFileAsync(string[] path, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(new SettingRequest(path, Value: default, Note: null), "What the configuration says holds again.", cancellationToken);
    }

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string done, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), FormFields.OfSetting<BudgetForm>(nameof(Budget), nameof(Name)))) return RedirectToSelf(done);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
