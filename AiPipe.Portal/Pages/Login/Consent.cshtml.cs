using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Login;

/// <summary>
/// Asks a person whether a web app may spend a slice of their budget, and sends them back to it (contract §8). Our own pages, and apps
/// that were let in for good, are not asked about. Where people are sent is the gateway's word alone.
/// </summary>
[Authorize(Policy = PortalCookie.Person)]
public sealed class ConsentModel : PortalPage
{
    [BindProperty]
    public Terms Asked { get; set; } = new();

    public Consent Consent { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        Consent = await CheckAsync(cancellationToken);
        if (Consent.SameOrigin || Consent.Remembered is not null) return await RedirectToAppAsync(ReadAuthorizationRequest() with { Grant = Consent.Remembered?.Id }, cancellationToken);
        Asked = new Terms { Limit = Consent.Limit, Days = Consent.Days, ExpiresInDays = Consent.ExpiresInDays };
        return Page();
    }

    // One handler for yes and no: which of them is meant must not stand in the address, which the app has written.
    public async Task<IActionResult> OnPostAsync(bool deny, CancellationToken cancellationToken)
    {
        Consent = await CheckAsync(cancellationToken);
        if (deny) return Redirect(Consent.Denied);
        if (!ModelState.IsValid) return Page();
        var agreed = ReadAuthorizationRequest() with { Limit = Asked.Limit, Days = Asked.Days, ExpiresInDays = Asked.ExpiresInDays, Remember = Asked.Remember };
        IActionResult goal = Page();
        await TryAsync(async () => goal = await RedirectToAppAsync(agreed, cancellationToken), FormFields.Of<Terms>(nameof(Asked)));
        return goal;
    }

    private async Task<Consent> CheckAsync(CancellationToken cancellationToken)
    {
        var consent = await Gateway.GetConsentAsync(Request.QueryString.Value ?? "", cancellationToken);
        HttpContext.Features.Set(new PageExceptions(FormTarget: FormTarget.FromAddress(consent.Origin)));
        return consent;
    }

    private async Task<IActionResult> RedirectToAppAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        var granted = await Gateway.CreateGrantAsync(request, cancellationToken);
        return Redirect(granted.Location!);
    }

    private GrantRequest ReadAuthorizationRequest() => new()
    {
        Redirect = Request.Query["redirect"],
        ResponseMode = Request.Query["response_mode"],
        State = Request.Query["state"],
        CodeChallenge = Request.Query["code_challenge"],
        CodeChallengeMethod = Request.Query["code_challenge_method"],
    };

    /// <summary>What the person lets the app do.</summary>
    public sealed class Terms
    {
        /// <summary>USD.</summary>
        [Range(typeof(decimal), "0", "9000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true, ErrorMessage = "Give an amount in US dollars, such as 0.5.")]
        public decimal Limit { get; set; }

        [Range(1, 365, ErrorMessage = "Give a number of days from 1 to 365.")]
        public int Days { get; set; }

        [Range(1, 365, ErrorMessage = "Give a number of days from 1 to 365.")]
        public int ExpiresInDays { get; set; }

        public bool Remember { get; set; }
    }
}
