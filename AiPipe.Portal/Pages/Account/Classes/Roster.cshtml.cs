using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>A class as its teacher sees it: who is in it, what they spent, and how more come in.</summary>
public sealed class RosterModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public Guid Id { get; set; }

    public ClassInfo Class { get; private set; } = null!;

    /// <summary>What became of the list that was pasted.</summary>
    public RosterResult? Result { get; private set; }

    /// <summary>What a teacher sends to the class.</summary>
    public string JoinAddress => Url.PageLink("/Account/Classes/Index", values: new { code = Class.JoinCode })!;

    public async Task OnGetAsync(CancellationToken cancellationToken) => Class = await Gateway.GetClassAsync(Id, cancellationToken);

    public async Task<IActionResult> OnPostAsync(string? list, CancellationToken cancellationToken)
    {
        var isDone = await TryAsync(async () => Result = await Gateway.AddToRosterAsync(Id, list ?? "", cancellationToken), static param => param == "csv" ? "list" : null);
        if (isDone && Result!.Wrong.Count == 0) return RedirectToSelf($"{Result.Added} added, {Result.Already} were there already.");
        await OnGetAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(string email, CancellationToken cancellationToken)
    {
        await Gateway.RemoveMemberAsync(Id, email, cancellationToken);
        return RedirectToSelf($"{email} is no longer in the class.");
    }

    public async Task<IActionResult> OnPostCodeAsync(CancellationToken cancellationToken)
    {
        await Gateway.ResetJoinCodeAsync(Id, cancellationToken);
        return RedirectToSelf("There is a new code; the old one lets nobody in.");
    }

    public async Task<IActionResult> OnPostEndAsync(CancellationToken cancellationToken)
    {
        await Gateway.EndClassAsync(Id, cancellationToken);
        StatusMessage = "The class has ended.";
        return RedirectToPage("/Account/Classes/Index");
    }

    public Task<IActionResult> OnGetCsvAsync(CancellationToken cancellationToken) =>
        this.CsvAsync(token => Gateway.GetClassCsvAsync(Id, token), "class-spend.csv", cancellationToken);
}
