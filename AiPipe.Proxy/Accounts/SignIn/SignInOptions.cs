using System.ComponentModel.DataAnnotations;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Section <c>AiPipe:Logins</c>: who may sign in, and how.</summary>
internal sealed class SignInOptions
{
    /// <summary>Whether Google's sign-in is accepted.</summary>
    public bool Google { get; set; } = true;

    /// <summary>Our client id at Google (<c>GOOGLE_CLIENT_ID</c>): only credentials made for it are accepted.</summary>
    public string? GoogleClientId { get; set; }

    /// <summary>Where Google's public keys are read from, as a JSON Web Key Set; <c>null</c> = at Google. For tests and mirrors.</summary>
    [Url]
    public string? GoogleCertificatesUrl { get; set; }

    /// <summary>Whether a name and a password are accepted.</summary>
    public bool Passwords { get; set; } = true;

    /// <summary>The mail domains that may sign in; empty = all.</summary>
    public IList<string> Domains { get; set; } = [];

    /// <summary>
    /// Where people's browsers find this gateway, such as <c>https://aipipe.example.com</c>. Its own pages get the person's own token and
    /// no question; in development this machine's own address needs no entry.
    /// </summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>How often one network address may try in a minute.</summary>
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
