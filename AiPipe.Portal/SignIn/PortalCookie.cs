using Microsoft.AspNetCore.Authentication;

namespace AiPipe.Portal.SignIn;

/// <summary>Cookie authentication of the pages.</summary>
internal static class PortalCookie
{
    public const string Scheme = "aipipe";
    /// <summary>The policy of pages that need no sign-in but recognise a signed-in person.</summary>
    public const string Anyone = nameof(Anyone);
    public const string Person = nameof(Person);

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

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

    public static Task SignInAsync(this HttpContext http, string email, string token) =>
        http.SignInAsync(Scheme, PersonClaims.Create(email, token), new AuthenticationProperties { IsPersistent = true });

    public static Task SignOutAsync(this HttpContext http) => http.SignOutAsync(Scheme);
}
