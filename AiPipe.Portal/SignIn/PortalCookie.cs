using Microsoft.AspNetCore.Authentication;

namespace AiPipe.Portal.SignIn;

/// <summary>Who is signed in to the pages: an encrypted cookie that no script reads and no other site's form brings along.</summary>
internal static class PortalCookie
{
    public const string Scheme = "aipipe";
    /// <summary>Pages for whoever comes; they know a person who is signed in.</summary>
    public const string Anyone = nameof(Anyone);
    /// <summary>Pages for people who are signed in.</summary>
    public const string Person = nameof(Person);

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    public static IServiceCollection AddPortalCookie(this IServiceCollection services)
    {
        // In one process with the gateway, calls must not be searched for a cookie that they never carry.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", isEnabled: true);
        services.AddAuthentication().AddCookie(Scheme, options =>
        {
            options.Cookie.Name = "aipipe";
            options.Cookie.HttpOnly = true;
            // Lax: who comes back from an app to /login is still signed in. Forms are guarded by their antiforgery field besides.
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
