using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Everybody who signed in, called, or is named in a budget.</summary>
public sealed class PeopleModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    public PersonList People { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        People = await Gateway.GetPeopleAsync(Search, After, cancellationToken);

    public async Task<IActionResult> OnPostAsync([Required] string? email, string? name, CancellationToken cancellationToken)
    {
        if (email is not null && await TryAsync(() => Gateway.AddPersonAsync(new PersonRequest(email.Trim(), name, Password: null), cancellationToken), static param => param))
        {
            StatusMessage = $"{email} is added. Make a link that signs them in, and send it to them.";
            return RedirectToPage("/Console/Person", new { email = email.Trim() });
        }
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
