using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace AiPipe.Portal.SignIn;

/// <summary>Cookie authentication of the pages.</summary>
internal static class PortalCookie
{
    public const string Scheme = "aipipe";
    /// <summary>The policy of pages that need no sign-in but recognise a signed-in person.</summary>
    public const string Anyone = nameof(Anyone);
    public const string Person = nameof(Person);

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddPortalCookie(this IServiceCollection services)
    {
        // In the gateway's process, API calls must not be authenticated by cookie.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", isEnabled: true);
        services.AddAuthentication().AddCookie(Scheme, options =>
        {
            options.Cookie.Name = "aipipe";
            options.Cookie.HttpOnly = true;
            // Lax: a person who returns from an app to /login is still signed in. Antiforgery protects the forms.
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.ExpireTimeSpan = Lifetime;
            options.LoginPath = "/login";
            options.ReturnUrlParameter = "return";
            options.Events.OnValidatePrincipal = RejectEndedAsync;
            options.Events.OnRedirectToLogin = RedirectHereAsync;
            options.Events.OnRedirectToAccessDenied = RedirectHereAsync;
        });
        services.AddAuthorizationBuilder()
            .AddPolicy(Anyone, policy => policy.AddAuthenticationSchemes(Scheme).RequireAssertion(static _ => true))
            .AddPolicy(Person, policy => policy.AddAuthenticationSchemes(Scheme).RequireAuthenticatedUser());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "aipipe.form";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        return services;
    }

    /// <summary>Redirects by path: the default address has the name of the Host header, which the sender of a request chooses.</summary>
    private static Task RedirectHereAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.Redirect(new Uri(context.RedirectUri).PathAndQuery);
        return Task.CompletedTask;
    }

    /// <summary>Rejects a cookie that was copied before its session or its token ended.</summary>
    private static async Task RejectEndedAsync(CookieValidatePrincipalContext context)
    {
        if (context.Principal?.Token() is null) return;
        var http = context.HttpContext;
        http.User = context.Principal;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            await http.RequestServices.GetRequiredService<CurrentPerson>().GetAsync(timeout.Token);
        }
        catch (GatewayException error) when (error.RequiresSignIn)
        {
            http.User = new();
            context.RejectPrincipal();
            await http.SignOutAsync();
        }
        catch (Exception e) when (
            e is GatewayException || (e is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            // The page's own requests fail, too, and report why.
        }
    }

    public static Task SignInAsync(this HttpContext http, string email, string token) =>
        http.SignInAsync(Scheme, PersonClaims.Create(email, token), new AuthenticationProperties { IsPersistent = true });

    public static Task SignOutAsync(this HttpContext http) => http.SignOutAsync(Scheme);
}
