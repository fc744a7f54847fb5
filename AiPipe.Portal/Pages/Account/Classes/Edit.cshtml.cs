using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using AiPipe.Portal.TagHelpers;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>Creates or changes a class.</summary>
public sealed class EditModel(TimeProvider clock) : PortalPage
{
    private const int DefaultWeeks = 16;

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public Form Plan { get; set; } = new();

    /// <summary>Classes of administrators have no limit by default.</summary>
    public bool IsAdmin { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        await ReadRoleAsync(cancellationToken);
        var today = clock.Today();
        Plan = Id is { } id
            ? Form.FromClass(await Gateway.GetClassAsync(id, cancellationToken))
            : new Form { StartsOn = today, EndsOn = today.AddDays(7 * DefaultWeeks) };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        await ReadRoleAsync(cancellationToken);
        if (!ModelState.IsValid) return Page();
        ClassInfo? saved = null;
        if (!await TryAsync(async () => saved = Id is { } id
                ? await Gateway.UpdateClassAsync(id, Plan.ToPlan(), cancellationToken)
                : await Gateway.CreateClassAsync(Plan.ToPlan(), cancellationToken), FormFields.ForRequest<Form>(nameof(Plan))))
        {
            return Page();
        }
        StatusMessage = Id is null
            ? $"{saved!.Name} is created. Send its join code to your class, or add a list of members."
            : "The class is saved.";
        return RedirectToPage("/Account/Classes/Roster", new { id = saved!.Id });
    }

    private async Task ReadRoleAsync(CancellationToken cancellationToken) => IsAdmin = (await Current.GetAsync(cancellationToken)).Admin;

    /// <summary>The form of a class.</summary>
    public sealed class Form
    {
        private static readonly char[] Separators = [',', '\n', '\r', ';', ' '];

        [Required(ErrorMessage = "Enter a name."), StringLength(100, ErrorMessage = "Enter a name of at most 100 characters.")]
        public string Name { get; set; } = "";

        public DateOnly StartsOn { get; set; }
        public DateOnly EndsOn { get; set; }

        [UsdRange]
        public decimal Limit { get; set; } = 1;

        /// <summary><c>null</c> = the limit holds for the whole time of the class.</summary>
        [DaysRange(3660)]
        public int? Days { get; set; } = 7;

        public string? Models { get; set; }

        public bool OnlyTheseModels { get; set; }

        [UsdRange]
        public decimal? TogetherLimit { get; set; }

        public static Form FromClass(ClassInfo saved) => new()
        {
            Name = saved.Name,
            StartsOn = saved.StartsOn,
            EndsOn = saved.EndsOn,
            Limit = saved.Limit,
            Days = saved.Days,
            Models = string.Join('\n', saved.Models),
            OnlyTheseModels = saved.OnlyTheseModels,
            TogetherLimit = saved.TogetherLimit,
        };

        public ClassRequest ToPlan() => new(
            Name, StartsOn, EndsOn, Limit, Days, Period: null,
            (Models ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), OnlyTheseModels,
            TogetherLimit);
    }
}
