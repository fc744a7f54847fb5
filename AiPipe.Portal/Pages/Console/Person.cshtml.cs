using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>One person: budget, role, sign-in, spending and calls.</summary>
public sealed class PersonModel : PortalPage
{
    private const int LatestCalls = 20;

    [BindProperty(SupportsGet = true)]
    public string Email { get; set; } = "";

    [BindProperty]
    public BudgetForm Budget { get; set; } = new();

    public PersonInfo Person { get; private set; } = null!;
    public SpendReport Spend { get; private set; } = null!;
    public CallList Calls { get; private set; } = null!;

    /// <summary>The link that this request created, shown only once.</summary>
    public OneTimeLink? Link { get; private set; }

    /// <summary>Where their budget comes from: that of all people, of their domain, or of a class.</summary>
    public string? Source { get; private set; }

    public bool HasOwnBudget => string.Equals(Person.SourceOfBudget, Person.Email, StringComparison.OrdinalIgnoreCase);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        Budget = new BudgetForm { Limit = Person.Limit, Days = Person.Days };
    }

    public Task<IActionResult> OnPostBudgetAsync(CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Budgets", Email], Budget.ToJson(), Budget.Note);
        return ChangeAsync(change, "The budget is saved. It applies from the next call.", cancellationToken);
    }

    /// <summary>Removes the change made here: the budget of the file applies, or that of the domain or of all people.</summary>
    public Task<IActionResult> OnPostDefaultBudgetAsync(CancellationToken cancellationToken)
    {
        ModelState.Clear();
        var change = new SettingRequest(["Budgets", Email], Value: default, Note: null);
        return ChangeAsync(change, "The personal budget set in console is removed.", cancellationToken);
    }

    public Task<IActionResult> OnPostRoleAsync(string? role, CancellationToken cancellationToken)
    {
        // The form has no budget.
        ModelState.Clear();
        var value = role is "admin" or "teacher" ? JsonSerializer.SerializeToElement(role) : default;
        return ChangeAsync(new SettingRequest(["Roles", Email], value, Note: null), "The role is changed.", cancellationToken);
    }

    public Task<IActionResult> OnPostSaltAsync(CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(NewSalt.Create(Email), "All their tokens are revoked. API keys still work.", cancellationToken);
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
        return RedirectToSelf(disabled ? "The account is disabled until you enable it again." : "The account is enabled.", new { Email });
    }

    private async Task<IActionResult> ChangeAsync(SettingRequest change, string message, CancellationToken cancellationToken)
    {
        var fields = FormFields.ForSetting<BudgetForm>(nameof(Budget));
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), fields))
            return RedirectToSelf(message, new { Email });
        // Keeps what was typed into the budget form.
        if (Request.Form.ContainsKey("Budget.Limit")) await ReadAsync(cancellationToken);
        else await OnGetAsync(cancellationToken);
        return Page();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        Person = await Gateway.GetPersonAsync(Email, cancellationToken);
        Source = (await BudgetNames.LoadAsync(Gateway, [Person.SourceOfBudget], cancellationToken)).Source(Person.SourceOfBudget);
        var filter = new CallFilter { Email = Email };
        Spend = await Gateway.GetSpendAsync(filter, allUsers: true, cancellationToken);
        Calls = await Gateway.GetCallsAsync(filter with { Limit = LatestCalls }, allUsers: true, cancellationToken);
    }
}
