using System.Text;
using AiPipe.Proxy.Infrastructure;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

internal sealed class TokenOptions
{
    /// <summary>Signs AI Pipe tokens (<c>AIPIPE_SECRET</c>); the original's secret keeps its tokens valid. Never logged.</summary>
    public byte[] Secret { get; set; } = [];

    /// <summary>Random text per user that tokens must carry. Changing it revokes earlier tokens.</summary>
    public IReadOnlyDictionary<string, string> Salts { get; set; } = new Dictionary<string, string>();

    /// <summary>Lower-case addresses that may use <c>/admin</c>, for the lifetime of this process.</summary>
    public IReadOnlySet<string> Admins { get; set; } = new HashSet<string>();

    public Roles Roles { get; set; } = Roles.None;

    /// <summary>Whether a secret of fewer than 32 bytes is accepted outside Development, to keep the tokens of an earlier system.</summary>
    public bool AllowShortSecret { get; set; }

    /// <summary>Whether BYOK keys are forwarded, without a budget.</summary>
    public bool AcceptOwnKeys { get; set; } = true;

    public Role RoleOf(string email) => Admins.Contains(email) ? Role.Admin : Roles.Of(email);
}

/// <summary>Reads <see cref="TokenOptions"/> from the original's environment variables and from section <c>AiPipe</c>.</summary>
internal sealed class TokenOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IConfigureOptions<TokenOptions>, IValidateOptions<TokenOptions>
{
    private const string DevelopmentAdmin = "admin@localhost";

    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n', ';'];

    /// <summary>In bytes: the length of the signature's hash, below which a secret is weaker than it (RFC 7518 §3.2).</summary>
    public const int MinSecretLength = 32;

    public void Configure(TokenOptions options)
    {
        var section = configuration.GetSection("AiPipe");
        options.Secret = Encoding.UTF8.GetBytes(configuration["AIPIPE_SECRET"]?.Trim() ?? "");
        options.Salts = ReadSalts(section.GetSection("Salts"));
        options.Admins = section.GetSection("Admins").Texts()
            .Concat((configuration["ADMIN_EMAILS"] ?? "").Split(Separators))
            .Select(Email.Normalize).Where(email => email.Length > 0).ToHashSet();
        // The first sign-in needs an administrator; outside Development the operator must name one.
        if (environment.IsDevelopment() && options.Admins.Count == 0) options.Admins = new HashSet<string> { DevelopmentAdmin };
        options.Roles = Roles.Read(section.GetSection("Roles"));
        options.AllowShortSecret = section.GetValue("AllowShortSecret", defaultValue: false);
        options.AcceptOwnKeys = section.GetSection("AcceptOwnKeys") is { Value: { } accept } setting
            ? bool.TryParse(accept, out var accepts) ? accepts : throw setting.Wrong("must be true or false")
            : options.AcceptOwnKeys;
    }

    // An entry without a salt is an error: its author meant to revoke tokens.
    private static Dictionary<string, string> ReadSalts(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 }) throw section.Wrong(
            "must be a group of texts by address: { \"ann@example.com\": \"random-text\" }");
        return section.GetChildren().ToDictionary(
            salt => Email.Normalize(salt.Key),
            salt => salt.Value is { Length: > 0 } text ? text : throw salt.Wrong("must be a random text; leave the entry out for no salt"));
    }

    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        if (options.Secret.Length == 0)
            return ValidateOptionsResult.Fail(
                "AIPIPE_SECRET is not set: set it to a long random text (openssl rand -base64 48), the same on every replica.");
        if (!environment.IsDevelopment() && RefuseWeak(options) is { } weak) return ValidateOptionsResult.Fail(weak);
        if (options.Admins.FirstOrDefault(admin => !admin.Contains('@', StringComparison.Ordinal)) is { } nobody)
            return ValidateOptionsResult.Fail(
                $"ADMIN_EMAILS or AiPipe:Admins has \"{nobody}\", which is not an e-mail address: write it like ann@example.com.");
        return ValidateOptionsResult.Success;
    }

    private static string? RefuseWeak(TokenOptions options)
    {
        const string mend = "set it to a long random text (openssl rand -base64 48)";
        if (GuessableSecret.Is(Encoding.UTF8.GetString(options.Secret))) return $"AIPIPE_SECRET is easy to guess: {mend}.";
        return options.Secret.Length >= MinSecretLength || options.AllowShortSecret
            ? null
            : $"AIPIPE_SECRET is too short, it has fewer than {MinSecretLength} bytes: {mend}. Only to keep the tokens of an earlier "
                + "system, set AiPipe:AllowShortSecret to true.";
    }
}
