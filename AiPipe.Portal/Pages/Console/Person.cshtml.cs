using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>One person: their budget, role, sign-in, and what they did.</summary>
public sealed class PersonModel : PortalPage
{
    private const int Shown = 20;

    [BindProperty(SupportsGet = true)]
    public string Email { get; set; } = "";

    [BindProperty]
    public BudgetForm Budget { get; set; } = new();

    public PersonInfo Person { get; private set; } = null!;
    public SpendReport Spend { get; private set; } = null!;
    public CallList Calls { get; private set; } = null!;

    /// <summary>A link that was made just now: shown this once.</summary>
    public OneTimeLink? Link { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        Budget = new BudgetForm { Limit = Person.Limit, Days = Person.Days };
    }

    public Task<IActionResult> OnPostBudgetAsync(CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Budgets", Email], Budget.ToJson(), Budget.Note), "The budget is changed: the next call obeys it.", cancellationToken);

    /// <summary>Back to what the files say, or to the budget of the person's domain.</summary>
    public Task<IActionResult> OnPostUsualBudgetAsync(CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Budgets", Email], Value: default, Note: null), "They have the usual budget again.", cancellationToken);

    public Task<IActionResult> OnPostRoleAsync(string? role, CancellationToken cancellationToken) =>
        ChangeAsync(new SettingRequest(["Roles", Email], role is "admin" or "teacher" ? JsonSerializer.SerializeToElement(role) : default, Note: null), "The role is changed.", cancellationToken);

    public Task<IActionResult> OnPostSaltAsync(CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(NewSalt.Create(Email), "They have a new salt: tokens signed before have ended. API keys go on.", cancellationToken);
    }

    public async Task<IActionResult> OnPostLinkAsync(CancellationToken cancellationToken)
    {
        await TryAsync(async () => Link = await Gateway.CreateSignInLinkAsync(Email, cancellationToken));
        await OnGetAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostDisableAsync(bool disabled, CancellationToken cancellationToken)
    {
        await Gateway.SetDisabledAsync(Email, disabled, cancellationToken);
        return RedirectToSelf(disabled ? "They can do nothing until you let them in again." : "They are let in again.", new { Email });
    }

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string done, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), FormFields.OfSetting<BudgetForm>(nameof(Budget)))) return RedirectToSelf(done, new { Email });
        // What was typed is kept; where it was another form, the budget is what it is.
        if (Request.Form.ContainsKey("Budget.Limit")) await ReadAsync(cancellationToken);
        else await OnGetAsync(cancellationToken);
        return Page();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        Person = await Gateway.GetPersonAsync(Email, cancellationToken);
        var filter = new CallFilter { Email = Email };
        Spend = await Gateway.GetSpendAsync(filter, allUsers: true, cancellationToken);
        Calls = await Gateway.GetCallsAsync(filter with { Limit = Shown }, allUsers: true, cancellationToken);
    }
}
