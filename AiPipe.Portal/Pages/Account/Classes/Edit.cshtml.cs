using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account.Classes;

/// <summary>Sets up a class, or changes one.</summary>
public sealed class EditModel(TimeProvider clock) : PortalPage
{
    private const int UsualWeeks = 16;

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public Form Plan { get; set; } = new();

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        Plan = Id is { } id
            ? Form.FromClass(await Gateway.GetClassAsync(id, cancellationToken))
            : new Form { StartsOn = today, EndsOn = today.AddDays(7 * UsualWeeks) };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid) return Page();
        ClassInfo? saved = null;
        if (!await TryAsync(async () => saved = Id is { } id
                ? await Gateway.UpdateClassAsync(id, Plan.ToPlan(), cancellationToken)
                : await Gateway.CreateClassAsync(Plan.ToPlan(), cancellationToken), FormFields.Of<Form>(nameof(Plan))))
        {
            return Page();
        }
        StatusMessage = Id is null ? $"{saved!.Name} is set up. Give its code to your class, or paste the list of its members." : "Saved.";
        return RedirectToPage("/Account/Classes/Roster", new { id = saved!.Id });
    }

    /// <summary>The form's fields.</summary>
    public sealed class Form
    {
        private static readonly char[] Separators = [',', '\n', '\r', ';', ' '];

        [Required(ErrorMessage = "Give it a name."), StringLength(100, ErrorMessage = "The name is too long.")]
        public string Name { get; set; } = "";

        public DateOnly StartsOn { get; set; }
        public DateOnly EndsOn { get; set; }

        [Range(typeof(decimal), "0", "9000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true, ErrorMessage = "Give an amount in US dollars, such as 0.5.")]
        public decimal Limit { get; set; } = 1;

        [Range(1, 3660, ErrorMessage = "Give a number of days, at least 1.")]
        public int? Days { get; set; } = 7;

        /// <summary>One a line, or with commas; empty = all.</summary>
        public string? Models { get; set; }

        [Range(typeof(decimal), "0", "9000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true, ErrorMessage = "Give an amount in US dollars, such as 50.")]
        public decimal? TogetherLimit { get; set; }

        public static Form FromClass(ClassInfo saved) => new()
        {
            Name = saved.Name,
            StartsOn = saved.StartsOn,
            EndsOn = saved.EndsOn,
            Limit = saved.Limit,
            Days = saved.Days,
            Models = string.Join('\n', saved.Models),
            TogetherLimit = saved.TogetherLimit,
        };

        public ClassRequest ToPlan() => new(
            Name, StartsOn, EndsOn, Limit, Days, Period: null,
            (Models ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), TogetherLimit);
    }
}
