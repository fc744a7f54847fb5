using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Login;

/// <summary>Signs a person in by Google, by password, or by a one-time link.</summary>
public sealed class IndexModel : PortalPage
{
    /// <summary>Fields of the query that are not part of a web app's request.</summary>
    private static readonly string[] OwnFields = ["handler", "link", "return"];

    /// <summary>The page to show after the sign-in.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Return { get; set; }

    /// <summary>The web app's page that the person came from.</summary>
    [BindProperty(Name = "redirect", SupportsGet = true)]
    public string? AppRedirect { get; set; }

    /// <summary>The code of a one-time link. A form redeems it, because mail scanners open links.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Link { get; set; }

    [BindProperty]
    public string? Email { get; set; }

    public LoginOptions Options { get; private set; } = new(GoogleClientId: null, Passwords: false);

    public bool IsLinkRejected { get; private set; }

    /// <summary><c>null</c> hides Google's button, also beside a link: Google would learn the page's address, which has the code.</summary>
    public string? GoogleClientId => Link is null ? Options.GoogleClientId : null;

    /// <summary>The host of the web app.</summary>
    public string? App => Uri.TryCreate(AppRedirect, UriKind.Absolute, out var address) ? address.IdnHost : null;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (User.Email() is not null && Link is null) return RedirectOnward();
        return await ShowAsync(cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(string? password, CancellationToken cancellationToken) =>
        SignInAsync(token => Gateway.SignInAsync(new SignInRequest(Email, Password: password), token), cancellationToken);

    public async Task<IActionResult> OnPostLinkAsync(CancellationToken cancellationToken)
    {
        var result = await SignInAsync(token => Gateway.SignInAsync(new SignInRequest(Link: Link), token), cancellationToken);
        IsLinkRejected = Response.StatusCode == StatusCodes.Status401Unauthorized;
        return result;
    }

    public Task<IActionResult> OnPostGoogleAsync(string? credential, CancellationToken cancellationToken) =>
        SignInAsync(token => Gateway.SignInWithGoogleAsync(credential ?? "", token), cancellationToken);

    private async Task<IActionResult> SignInAsync(Func<CancellationToken, Task<SignInResponse>> signIn, CancellationToken cancellationToken)
    {
        if (!await TryAsync(async () =>
            {
                var person = await signIn(cancellationToken);
                await HttpContext.SignInAsync(person.Email, person.Token);
            }))
        {
            return await ShowAsync(cancellationToken);
        }
        return RedirectOnward();
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellationToken)
    {
        Options = await Gateway.GetLoginOptionsAsync(cancellationToken);
        // The sign-in may redirect to an app with a remembered grant, and form-action applies to that redirect, too.
        HttpContext.Features.Set(new PageExceptions(Google: GoogleClientId is not null, FormTarget: FormTarget.FromAddress(AppRedirect)));
        return Page();
    }

    private IActionResult RedirectOnward()
    {
        if (AppRedirect is null) return Url.IsLocalUrl(Return) ? LocalRedirect(Return!) : RedirectToPage("/Account/Index");
        // The app's request passes unchanged: only the gateway interprets it.
        var request = Request.Query.Where(field => !OwnFields.Contains(field.Key, StringComparer.OrdinalIgnoreCase));
        return Redirect("/login/consent" + QueryString.Create(request));
    }
}
