using System.Globalization;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>A class for its teacher: its members, what they spent, and how to add more.</summary>
public sealed class RosterModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public Guid Id { get; set; }

    public ClassInfo Class { get; private set; } = null!;

    /// <summary>The result of a pasted list that has unusable lines.</summary>
    public RosterResult? Result { get; private set; }

    /// <summary>The link that a teacher sends to the class.</summary>
    public string JoinAddress => Url.PageLink("/Account/Classes/Index", values: new { code = Class.JoinCode })!;

    public static string Describe(RosterResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{result.Added} added, {result.Already} {(result.Already == 1 ? "was" : "were")} already in the class.");

    public async Task OnGetAsync(CancellationToken cancellationToken) => Class = await Gateway.GetClassAsync(Id, cancellationToken);

    public async Task<IActionResult> OnPostAsync(string? list, CancellationToken cancellationToken)
    {
        var isDone = await TryAsync(
            async () => Result = await Gateway.AddToRosterAsync(Id, list ?? "", cancellationToken),
            static param => param == "csv" ? nameof(list) : null);
        if (isDone && Result!.Wrong.Count == 0) return RedirectToSelf(Describe(Result));
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
        return RedirectToSelf("The class has a new link and code. The old ones no longer work.");
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
