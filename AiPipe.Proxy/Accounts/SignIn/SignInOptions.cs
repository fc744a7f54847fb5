using System.ComponentModel.DataAnnotations;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.SignIn;

internal sealed class SignInOptions
{
    public bool Google { get; set; } = true;

    /// <summary>The client id at Google (<c>GOOGLE_CLIENT_ID</c>): only credentials for it are accepted.</summary>
    public string? GoogleClientId { get; set; }

    /// <summary>The address of Google's public keys, a JSON Web Key Set; <c>null</c> = Google's own. For tests and mirrors.</summary>
    [Url]
    public string? GoogleCertificatesUrl { get; set; }

    public bool Passwords { get; set; } = true;

    /// <summary>The mail domains that may sign in; empty = all.</summary>
    public IList<string> Domains { get; set; } = [];

    /// <summary>
    /// The gateway's origins in browsers, such as <c>https://aipipe.example.com</c>. Its own pages get the person's token without a
    /// consent; in Development this machine's address needs no entry.
    /// </summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>Attempts per network address and minute.</summary>
    [Range(1, 100_000)]
    public int PerMinute { get; set; } = 60;

    /// <summary>The refusal of who may not sign in because of their domain.</summary>
    public Refusal? RefusalOf(string email)
    {
        if (Domains.Count == 0) return null;
        var domain = Email.Domain(Email.Normalize(email))[1..];
        return Domains.Contains(domain, StringComparer.OrdinalIgnoreCase) ? null : Refusal.DomainNotAllowed(domain);
    }

    public LoginOptions ToContract() => new(Google && !string.IsNullOrEmpty(GoogleClientId) ? GoogleClientId : null, Passwords);
}
