using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The people who signed in, made a call, or has a budget by name.</summary>
public sealed class PeopleModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    public PersonList People { get; private set; } = null!;
    public BudgetNames Names { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        People = await Gateway.GetPeopleAsync(Search, After, cancellationToken);
        Names = await BudgetNames.LoadAsync(Gateway, People.People.Select(person => person.SourceOfBudget), cancellationToken);
    }

    public async Task<IActionResult> OnPostAsync([Required] string? email, string? name, CancellationToken cancellationToken)
    {
        var person = new PersonRequest(email?.Trim() ?? "", name, Password: null);
        if (email is not null && await TryAsync(() => Gateway.AddPersonAsync(person, cancellationToken), static param => param))
        {
            StatusMessage = $"{person.Email} is added. Create a sign-in link below and send it to them.";
            return RedirectToPage("/Console/Person", new { email = person.Email });
        }
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
