using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Login;

/// <summary>
/// Asks a person how much of their budget a web app may spend, and redirects to the app. It does not ask for our own pages
/// and for remembered apps. The gateway alone decides where a person is redirected.
/// </summary>
[Authorize(Policy = PortalCookie.Person)]
public sealed class ConsentModel : PortalPage
{
    [BindProperty]
    public Form Terms { get; set; } = new();

    public Consent Consent { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        Consent = await CheckAsync(cancellationToken);
        if (Consent.SameOrigin || Consent.Remembered is not null)
            return await RedirectToAppAsync(ReadAuthorizationRequest() with { Grant = Consent.Remembered?.Id }, cancellationToken);
        Terms = new Form { Limit = Consent.Limit, Days = Consent.Days, ExpiresInDays = Consent.ExpiresInDays };
        return Page();
    }

    // Allow and Deny are one handler, because the app writes the address: a handler in the query could choose for the person.
    public async Task<IActionResult> OnPostAsync(bool deny, CancellationToken cancellationToken)
    {
        Consent = await CheckAsync(cancellationToken);
        if (deny) return Redirect(Consent.Denied);
        if (!ModelState.IsValid) return Page();
        var request = ReadAuthorizationRequest() with
        {
            Limit = Terms.Limit,
            Days = Terms.Days,
            ExpiresInDays = Terms.ExpiresInDays,
            Remember = Terms.Remember,
        };
        IActionResult result = Page();
        var fields = FormFields.ForRequest<Form>(nameof(Terms));
        await TryAsync(async () => result = await RedirectToAppAsync(request, cancellationToken), fields);
        return result;
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

    /// <summary>What the person allows the app.</summary>
    public sealed class Form
    {
        [UsdRange]
        public decimal Limit { get; set; }

        [DaysRange(365)]
        public int Days { get; set; }

        [DaysRange(365)]
        public int ExpiresInDays { get; set; }

        public bool Remember { get; set; }
    }
}
