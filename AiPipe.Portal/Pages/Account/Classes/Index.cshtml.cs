using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>The classes that a person is in or teaches, and the form to join one.</summary>
public sealed class IndexModel : PortalPage
{
    /// <summary>A join code; in the query when it comes from a teacher's link.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    public ClassList Classes { get; private set; } = null!;
    public CurrentUser Person { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Person = await Current.GetAsync(cancellationToken);
        Classes = await Gateway.GetClassesAsync(cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        JoinedClass? joined = null;
        if (await TryAsync(
                async () => joined = await Gateway.JoinClassAsync(Code?.Trim() ?? "", cancellationToken),
                static param => param == "code" ? nameof(Code) : null))
        {
            var budget = BudgetText.Amount(joined!.Limit, joined.Days, joined.Period);
            return RedirectToSelf($"You are in {joined.Name}. You may spend {budget} from it.", new { code = (string?)null });
        }
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
