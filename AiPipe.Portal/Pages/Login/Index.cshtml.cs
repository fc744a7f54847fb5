using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Login;

/// <summary>
/// Signs a person in: by Google's button, by password, or by a one-time link, which is used by a form and not by opening it, since mail
/// scanners open links. Whoever came for a web app goes on to be asked about it, everybody else to where they wanted to be.
/// </summary>
public sealed class IndexModel : PortalPage
{
    /// <summary>What in the address is about signing in, and not the app's question.</summary>
    private static readonly string[] Ours = ["handler", "link", "return"];

    /// <summary>Where to go on here.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Return { get; set; }

    /// <summary>The web app's page that the person came from (contract §8).</summary>
    [BindProperty(Name = "redirect", SupportsGet = true)]
    public string? Goal { get; set; }

    /// <summary>The code of a one-time link.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Link { get; set; }

    [BindProperty]
    public string? Email { get; set; }

    public LoginOptions Options { get; private set; } = new(GoogleClientId: null, Passwords: false);

    /// <summary>Whose button the page has. Not beside a link: its code stands in the address, and Google would be told where it was asked from.</summary>
    public string? GoogleClientId => Link is null ? Options.GoogleClientId : null;

    /// <summary>The app's host, for the sentence that says who asks.</summary>
    public string? App => Uri.TryCreate(Goal, UriKind.Absolute, out var address) ? address.IdnHost : null;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        if (User.Email() is not null && Link is null) return RedirectOnward();
        return await ShowAsync(cancellationToken);
    }

    public Task<IActionResult> OnPostAsync(string? password, CancellationToken cancellationToken) =>
        SignInAsync(token => Gateway.SignInAsync(new SignInRequest(Email, Password: password), token), cancellationToken);

    public Task<IActionResult> OnPostLinkAsync(CancellationToken cancellationToken) =>
        SignInAsync(token => Gateway.SignInAsync(new SignInRequest(Link: Link), token), cancellationToken);

    public Task<IActionResult> OnPostGoogleAsync(string? credential, CancellationToken cancellationToken) =>
        SignInAsync(token => Gateway.SignInWithGoogleAsync(credential ?? "", token), cancellationToken);

    private async Task<IActionResult> SignInAsync(Func<CancellationToken, Task<SignInResponse>> proving, CancellationToken cancellationToken)
    {
        if (!await TryAsync(async () =>
            {
                var person = await proving(cancellationToken);
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
        // Signing in may lead on to an app that was let in for good, and browsers hold the form to its policy all the way.
        HttpContext.Features.Set(new PageExceptions(Google: GoogleClientId is not null, FormTarget: FormTarget.FromAddress(Goal)));
        return Page();
    }

    private IActionResult RedirectOnward()
    {
        // What the app asks for stands in the query, untouched: the gateway alone reads it.
        if (Goal is not null) return Redirect("/login/consent" + QueryString.Create(Request.Query.Where(field => !Ours.Contains(field.Key, StringComparer.OrdinalIgnoreCase))));
        return Url.IsLocalUrl(Return) ? LocalRedirect(Return!) : RedirectToPage("/Account/Index");
    }
}
