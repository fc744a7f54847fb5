using System.Security.Cryptography;

namespace AiPipe.AppHost.Starting;

/// <summary>What the standalone start must know before the gateway is built, and what it adds to the gateway's configuration.</summary>
internal sealed class Settings
{
    private const string Secret = "AIPIPE_SECRET";

    private static readonly string[] Placeholders =
        ["secret", "changeme", "change-me", "default", "password", "test", "your-secret", "your_secret", "aipipe", "aipipe-secret", "aipipe_secret"];

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    private readonly ConfigurationManager _configuration;
    private readonly bool _isDevelopment;

    private Settings(ConfigurationManager configuration, bool isDevelopment) =>
        (_configuration, _isDevelopment) = (configuration, isDevelopment);

    /// <summary>Reads the same sources as the gateway: appsettings.json, environment, command line, and the file of <c>AIPIPE_CONFIG</c>.</summary>
    public static Settings Read(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        if (builder.Configuration["AIPIPE_CONFIG"] is { Length: > 0 } file)
        {
            if (!File.Exists(file)) throw new CannotStartException($"AIPIPE_CONFIG names {file}, which does not exist.");
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }
        return new Settings(builder.Configuration, builder.Environment.IsDevelopment());
    }

    public string? this[string key] => _configuration[key];

    /// <summary>True where the address to listen on is chosen in any of ASP.NET's ways.</summary>
    public bool NamesAddress =>
        AddressKeys.Any(key => !string.IsNullOrEmpty(_configuration[key]))
        || _configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>A secret that anybody can guess signs tokens for anybody.</summary>
    /// <exception cref="CannotStartException">Not in Development, and the secret is missing or a placeholder.</exception>
    public void RefuseWeakSecret()
    {
        var secret = _configuration[Secret]?.Trim();
        if (_isDevelopment && string.IsNullOrEmpty(secret)) return;
        if (!_isDevelopment && (string.IsNullOrEmpty(secret) || Placeholders.Contains(secret, StringComparer.OrdinalIgnoreCase)))
        {
            throw new CannotStartException($"{Secret} is {(string.IsNullOrEmpty(secret) ? "not set" : "a placeholder")}. "
                + "Outside Development it must be a secret of your own, for example: openssl rand -base64 48");
        }
    }

    /// <summary>What the gateway's configuration lacks.</summary>
    /// <param name="folder">The data folder; a generated secret is kept there.</param>
    /// <param name="connectionString">Of the embedded database; <c>null</c> where one is configured.</param>
    public IEnumerable<KeyValuePair<string, string?>> Completed(string folder, string? connectionString)
    {
        yield return new("AIPIPE_DATA", folder);
        if (connectionString is not null) yield return new("ConnectionStrings:aipipe", connectionString);
        if (string.IsNullOrWhiteSpace(_configuration[Secret])) yield return new(Secret, KeptSecret(Path.Combine(folder, "secret")));
        // Somebody must be able to sign in for the first time; outside Development that is the operator's word to say.
        if (_isDevelopment && FirstStart.FirstAdmin(_configuration) is null) yield return new("AiPipe:Admins:0", "admin@localhost");
    }

    private static string KeptSecret(string file)
    {
        if (!File.Exists(file)) PrivateFile.Write(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)));
        return File.ReadAllText(file).Trim();
    }
}
