using System.Text;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

/// <summary>How callers prove who they are.</summary>
internal sealed class TokenOptions
{
    /// <summary>Signs AI Pipe tokens (<c>AIPIPE_SECRET</c>); the same one keeps the original's tokens valid. Never logged.</summary>
    public byte[] Secret { get; set; } = [];

    /// <summary>Random text per user; a token must carry its user's. Changing it revokes what was issued before.</summary>
    public IReadOnlyDictionary<string, string> Salts { get; set; } = new Dictionary<string, string>();

    /// <summary>Addresses, in lower case, that may use <c>/admin</c>, for as long as this process lives.</summary>
    public IReadOnlySet<string> Admins { get; set; } = new HashSet<string>();

    /// <summary>Who may do more than spend; <see cref="Admins"/> are admins whatever stands here.</summary>
    public Roles Roles { get; set; } = Roles.None;

    /// <summary>Whether a provider's own key may be forwarded as it is, without a budget.</summary>
    public bool AcceptOwnKeys { get; set; } = true;

    /// <summary>The role of an address in lower case.</summary>
    public Role RoleOf(string email) => Admins.Contains(email) ? Role.Admin : Roles.Of(email);
}

/// <summary>Reads <see cref="TokenOptions"/> from the seeds' environment names and from section <c>AiPipe</c>.</summary>
internal sealed class TokenOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IConfigureOptions<TokenOptions>, IValidateOptions<TokenOptions>
{
    private const string DevelopmentAdmin = "admin@localhost";

    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n', ';'];
    private static readonly HashSet<string> Placeholders = new(StringComparer.OrdinalIgnoreCase)
    {
        "secret", "changeme", "change-me", "default", "password", "test", "aipipe", "aipipe-secret", "aipipe_secret", "your-secret", "your_secret",
        "access-token", "access_token", "accesstoken", "your-access-token", "your_access_token", "password1", "12345678", "123456789", "1234567890",
    };

    /// <summary>Whether somebody left a secret as they found it written somewhere.</summary>
    public static bool IsPlaceholder(string secret) => Placeholders.Contains(secret);

    /// <summary>Whether anybody would try it first: a placeholder, or one letter over and over.</summary>
    public static bool IsGuessed(string secret) => IsPlaceholder(secret) || secret.Distinct().Count() == 1;

    public void Configure(TokenOptions options)
    {
        var section = configuration.GetSection("AiPipe");
        options.Secret = Encoding.UTF8.GetBytes(configuration["AIPIPE_SECRET"] ?? "");
        options.Salts = ReadSalts(section.GetSection("Salts"));
        options.Admins = section.GetSection("Admins").Texts()
            .Concat((configuration["ADMIN_EMAILS"] ?? "").Split(Separators))
            .Select(Email.Normalize).Where(email => email.Length > 0).ToHashSet();
        // The first sign-in needs an administrator; outside Development the operator has to name one.
        if (environment.IsDevelopment() && options.Admins.Count == 0) options.Admins = new HashSet<string> { DevelopmentAdmin };
        options.Roles = Roles.Read(section.GetSection("Roles"));
        options.AcceptOwnKeys = section.GetSection("AcceptOwnKeys") is { Value: { } accept } setting
            ? bool.TryParse(accept, out var accepts) ? accepts : throw setting.Wrong("must be true or false")
            : options.AcceptOwnKeys;
    }

    // An entry without a salt is refused rather than passed over: whoever wrote it meant to revoke.
    private static Dictionary<string, string> ReadSalts(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong("must be a group of texts by address: { \"ann@example.com\": \"random-text\" }");
        return section.GetChildren().ToDictionary(
            salt => Email.Normalize(salt.Key),
            salt => salt.Value is { Length: > 0 } text ? text : throw salt.Wrong("must be a random text; leave the entry out for no salt"));
    }

    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        if (options.Secret.Length == 0)
            return ValidateOptionsResult.Fail("AIPIPE_SECRET is not set: set it to a long random text (openssl rand -base64 48), the same on every replica.");
        if (!environment.IsDevelopment() && IsPlaceholder(Encoding.UTF8.GetString(options.Secret)))
            return ValidateOptionsResult.Fail("AIPIPE_SECRET is a placeholder: set it to a long random text (openssl rand -base64 48).");
        if (options.Admins.FirstOrDefault(admin => !admin.Contains('@', StringComparison.Ordinal)) is { } nobody)
            return ValidateOptionsResult.Fail($"ADMIN_EMAILS or AiPipe:Admins has \"{nobody}\", which is no e-mail address: write it like ann@example.com.");
        return ValidateOptionsResult.Success;
    }
}
