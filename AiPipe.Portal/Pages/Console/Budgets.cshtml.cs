using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The budgets of all people, of domains and of persons, and shared budgets.</summary>
public sealed class BudgetsModel : PortalPage
{
    [BindProperty]
    public BudgetForm Budget { get; set; } = new();

    /// <summary><c>*</c>, <c>@example.com</c> or an e-mail address.</summary>
    [BindProperty]
    public string? Name { get; set; }

    public IReadOnlyList<SettingInfo> Budgets { get; private set; } = [];

    /// <summary>Such as "All people (*)", "ann@example.com" or "Shared · Team · physics".</summary>
    public static string Who(SettingInfo setting) => string.Join(" · ", setting.Path.Skip(1).Select((part, index) => (index, part) switch
    {
        (0, "*") => "All people (*)",
        (0, "Together") => "Shared",
        _ => part,
    }));

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var settings = await Gateway.GetSettingsAsync("Budgets", cancellationToken);
        Budgets = [.. settings.Where(setting => setting.Value is { ValueKind: JsonValueKind.Object })];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        await OnGetAsync(cancellationToken);
        var name = (Name ?? "").Trim();
        if (name.Length == 0 || (name is not "*" && !name.Contains('@', StringComparison.Ordinal)))
            ModelState.AddModelError(nameof(Name), "Enter *, @school.example or an e-mail address.");
        if (!ModelState.IsValid) return Page();
        var before = Budgets.FirstOrDefault(setting => setting.Path.SequenceEqual(["Budgets", name]))?.Value;
        var change = new SettingRequest(["Budgets", name], Budget.ToJson(before), Budget.Note);
        return await ChangeAsync(change, $"The budget of {name} is saved. It applies from the next call.", cancellationToken);
    }

    public Task<IActionResult> OnPostFileAsync(string[] path, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        var change = new SettingRequest(path, Value: default, Note: null);
        return ChangeAsync(change, "The budget set in console is removed. This applies from the next call.", cancellationToken);
    }

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string message, CancellationToken cancellationToken)
    {
        var fields = FormFields.ForSetting<BudgetForm>(nameof(Budget), nameof(Name));
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), fields))
            return RedirectToSelf(message);
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
