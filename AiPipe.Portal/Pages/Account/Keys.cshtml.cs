using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>What may spend a person's budget besides themselves: keys for programs, and web apps that they let in.</summary>
public sealed class KeysModel : PortalPage
{
    [BindProperty]
    public Form New { get; set; } = new();

    public IReadOnlyList<KeyInfo> Keys { get; private set; } = [];
    public IReadOnlyList<GrantInfo> Grants { get; private set; } = [];

    /// <summary>A key that was made just now: shown this once.</summary>
    public KeyInfo? Created { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Keys = await Gateway.GetKeysAsync(cancellationToken);
        Grants = await Gateway.GetGrantsAsync(cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(CancellationToken cancellationToken) =>
        CreateAsync(() => Gateway.CreateKeyAsync(new KeyRequest(New.Name, New.Limit, New.Limit is null ? null : New.Days, Period: null, New.ExpiresInDays), cancellationToken), cancellationToken);

    public Task<IActionResult> OnPostResetAsync(Guid id, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return CreateAsync(() => Gateway.ResetKeyAsync(id, cancellationToken), cancellationToken);
    }

    public async Task<IActionResult> OnPostDeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await Gateway.DeleteKeyAsync(id, cancellationToken);
        return RedirectToSelf("The key no longer works.");
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid id, CancellationToken cancellationToken)
    {
        await Gateway.RevokeGrantAsync(id, cancellationToken);
        return RedirectToSelf("The app can no longer use your budget.");
    }

    // Not told by a redirect, as other forms are: the key would have to be kept until the page is asked for.
    private async Task<IActionResult> CreateAsync(Func<Task<KeyInfo>> create, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(async () => Created = await create(), FormFields.Of<Form>(nameof(New)))) New = new Form();
        await OnGetAsync(cancellationToken);
        if (Created is not null) ModelState.Clear();
        return Page();
    }

    /// <summary>What a new key is like.</summary>
    public sealed class Form
    {
        [Required(ErrorMessage = "Give it a name, to know it by later.")]
        [StringLength(100, ErrorMessage = "The name is too long.")]
        public string Name { get; set; } = "";

        /// <summary>USD; <c>null</c> = no limit but the person's own.</summary>
        [Range(typeof(decimal), "0", "9000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true, ErrorMessage = "Give an amount in US dollars, such as 0.5.")]
        public decimal? Limit { get; set; }

        [Range(1, 3660, ErrorMessage = "Give a number of days, at least 1.")]
        public int Days { get; set; } = 30;

        [Range(1, 3660, ErrorMessage = "Give a number of days, at least 1.")]
        public int? ExpiresInDays { get; set; } = 90;
    }
}
