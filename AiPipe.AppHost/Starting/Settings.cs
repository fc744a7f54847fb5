using System.Net;
using System.Security.Cryptography;
using AiPipe.Proxy.Edge;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace AiPipe.AppHost.Starting;

/// <summary>What the standalone start must know before the gateway is built, and what it adds to the gateway's configuration.</summary>
internal sealed class Settings
{
    private const string Secret = "AIPIPE_SECRET";

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    private readonly ConfigurationManager _configuration;
    private readonly IWebHostEnvironment _environment;

    private Settings(WebApplicationBuilder builder) => (_configuration, _environment) = (builder.Configuration, builder.Environment);

    /// <summary>Reads the same sources as the gateway.</summary>
    public static Settings Read(string[] args) => new(SettledConfiguration.CreateBuilder(args).AddAiPipeConfiguration());

    public string? this[string key] => _configuration[key];

    /// <summary>True where the address to listen on is chosen in any of ASP.NET's ways.</summary>
    public bool NamesAddress =>
        AddressKeys.Any(key => !string.IsNullOrEmpty(_configuration[key]))
        || _configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>Stops here, before a database is made, what the gateway would refuse after it.</summary>
    /// <exception cref="CannotStartException">The secret is missing or a placeholder, and may not be generated.</exception>
    public void RefuseWeakSecret()
    {
        if (MayGenerateSecret) return;
        var setup = new TokenOptionsSetup(_configuration, _environment);
        var options = new TokenOptions();
        setup.Configure(options);
        if (setup.Validate(name: null, options) is { Failed: true } refused) throw new CannotStartException(refused.FailureMessage);
    }

    /// <summary>Stops here what Kestrel would refuse later, without the name of the setting.</summary>
    /// <exception cref="CannotStartException">An address to listen on that is none.</exception>
    public void RefuseWrongAddress()
    {
        foreach (var url in (_configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsAddress(url)) throw new CannotStartException($"--urls or ASPNETCORE_URLS names {url}, which is no address: write it like http://localhost:8787.");
        }
    }

    /// <summary>What the gateway's configuration lacks.</summary>
    /// <param name="folder">The data folder; a generated secret is kept there.</param>
    /// <param name="connectionString">Of the embedded database; <c>null</c> where one is configured.</param>
    public IEnumerable<KeyValuePair<string, string?>> Completed(string folder, string? connectionString)
    {
        yield return new("AIPIPE_DATA", folder);
        if (connectionString is not null) yield return new("ConnectionStrings:aipipe", connectionString);
        if (MayGenerateSecret) yield return new(Secret, KeptSecret(Path.Combine(folder, "secret")));
        // Somebody must be able to sign in for the first time; outside Development that is the operator's word to say.
        var options = new TokenOptions();
        new TokenOptionsSetup(_configuration, _environment).Configure(options);
        if (_environment.IsDevelopment() && options.Admins.Count == 0) yield return new("AiPipe:Admins:0", "admin@localhost");
    }

    private bool MayGenerateSecret => _environment.IsDevelopment() && string.IsNullOrWhiteSpace(_configuration[Secret]);

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Port: >= 0 and <= IPEndPoint.MaxPort, Scheme: "http" or "https" };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string KeptSecret(string file)
    {
        if (!File.Exists(file)) PrivateFile.Write(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)));
        return File.ReadAllText(file).Trim();
    }
}
