using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>A person's classes, joining one by its code, and for teachers those that they teach.</summary>
public sealed class IndexModel : PortalPage
{
    /// <summary>A class's join code, perhaps from the link that the teacher sent.</summary>
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
        if (await TryAsync(async () => joined = await Gateway.JoinClassAsync(Code?.Trim() ?? "", cancellationToken), static param => param == "code" ? nameof(Code) : null))
            return RedirectToSelf($"You are in {joined!.Name}: {ClassRow.From(joined).Budget}.", new { code = (string?)null });
        await OnGetAsync(cancellationToken);
        return Page();
    }
}
