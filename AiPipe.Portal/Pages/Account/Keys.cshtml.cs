using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Account;

/// <summary>A person's API keys and the web apps that may spend their budget.</summary>
public sealed class KeysModel : PortalPage
{
    [BindProperty]
    public Form New { get; set; } = new();

    public IReadOnlyList<KeyInfo> Keys { get; private set; } = [];
    public IReadOnlyList<GrantInfo> Grants { get; private set; } = [];

    /// <summary>The key that this request created or replaced, shown only once.</summary>
    public KeyInfo? Created { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Keys = await Gateway.GetKeysAsync(cancellationToken);
        Grants = await Gateway.GetGrantsAsync(cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var key = new KeyRequest(New.Name, New.Limit, New.Limit is null ? null : New.Days, Period: null, New.ExpiresInDays);
        return CreateAsync(() => Gateway.CreateKeyAsync(key, cancellationToken), cancellationToken);
    }

    public Task<IActionResult> OnPostResetAsync(Guid id, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return CreateAsync(() => Gateway.ResetKeyAsync(id, cancellationToken), cancellationToken);
    }

    public async Task<IActionResult> OnPostDeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await Gateway.DeleteKeyAsync(id, cancellationToken);
        return RedirectToSelf("The key is deleted. It no longer works.");
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid id, CancellationToken cancellationToken)
    {
        await Gateway.RevokeGrantAsync(id, cancellationToken);
        return RedirectToSelf("The app can no longer use your budget.");
    }

    // No redirect, unlike other forms: the key would have to be stored until the next request.
    private async Task<IActionResult> CreateAsync(Func<Task<KeyInfo>> create, CancellationToken cancellationToken)
    {
        if (ModelState.IsValid && await TryAsync(async () => Created = await create(), FormFields.ForRequest<Form>(nameof(New))))
            New = new Form();
        await OnGetAsync(cancellationToken);
        if (Created is not null) ModelState.Clear();
        return Page();
    }

    /// <summary>The form of a new key.</summary>
    public sealed class Form
    {
        [Required(ErrorMessage = "Enter a name for the key.")]
        [StringLength(100, ErrorMessage = "Enter a name of at most 100 characters.")]
        public string Name { get; set; } = "";

        /// <summary>USD; <c>null</c> = no limit but the person's budget.</summary>
        [UsdRange]
        public decimal? Limit { get; set; }

        [DaysRange(3660)]
        public int Days { get; set; } = 30;

        [DaysRange(3660)]
        public int? ExpiresInDays { get; set; } = 90;
    }
}
