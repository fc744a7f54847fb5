using System.Text;
using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.AppHost.Starting;

/// <summary>What a newcomer reads when the gateway listens: where it is, what it has, and how to make a first call.</summary>
internal static class FirstStart
{
    private const string DemoModel = "demo";

    // The names of the users' own documents; any other provider's keys stand in AiPipe:Providers.
    private static readonly (string Provider, string Variable)[] KeyVariables =
    [
        ("openai", "OPENAI_API_KEY"), ("openrouter", "OPENROUTER_API_KEY"), ("gemini", "GEMINI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY"),
    ];

    /// <summary>Prints the block; on the first start of a data folder with a token for the first admin.</summary>
    public static async Task WelcomeAsync(WebApplication app, string folder)
    {
        var welcomed = Path.Combine(folder, "welcomed");
        var token = File.Exists(welcomed) ? null : AdminToken(app);
        await Console.Out.WriteLineAsync(Block(app.Configuration, Address(app.Urls), folder, token));
        if (token is not null) await File.WriteAllTextAsync(welcomed, "");
    }

    /// <summary>The first administrator: of <c>ADMIN_EMAILS</c>, else of <c>AiPipe:Admins</c>.</summary>
    public static string? FirstAdmin(IConfiguration configuration) =>
        (configuration["ADMIN_EMAILS"] ?? "").Split([',', ';', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
        ?? configuration.GetSection("AiPipe:Admins").GetChildren().Select(c => c.Value).FirstOrDefault(v => !string.IsNullOrWhiteSpace(v));

    /// <summary>The providers that we have a key of our own for.</summary>
    public static IReadOnlyList<string> ProvidersWithKeys(IConfiguration configuration) =>
    [
        .. KeyVariables.Where(p => !string.IsNullOrWhiteSpace(configuration[p.Variable])).Select(p => p.Provider)
            .Concat(configuration.GetSection("AiPipe:Providers").GetChildren()
                .Where(p => p.GetSection("Keys").GetChildren().Any(k => !string.IsNullOrWhiteSpace(k.Value))).Select(p => p.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>A token for the first admin, shown once.</summary>
    /// <returns><c>null</c> where no admin is configured.</returns>
    private static string? AdminToken(WebApplication app) =>
        FirstAdmin(app.Configuration) is { } admin ? app.Services.GetRequiredService<TokenIssuer>().Issue(admin) : null;

    private static string Block(IConfiguration configuration, string address, string folder, string? token)
    {
        var providers = ProvidersWithKeys(configuration);
        var block = new StringBuilder().AppendLine()
            .AppendLine($"  AiPipe      {address}")
            .AppendLine($"  Data        {folder}")
            .AppendLine($"  Providers   {(providers.Count > 0 ? string.Join(", ", providers) : "none has a key yet (OPENAI_API_KEY, OPENROUTER_API_KEY, GEMINI_API_KEY …); demo answers without one")}");
        if (token is not null)
        {
            block.AppendLine($"  Admin       {FirstAdmin(configuration)}, with this token (shown once; it is a password):").AppendLine()
                .AppendLine($"export AIPIPE_TOKEN={token}");
        }
        if (providers.Count == 0)
        {
            block.AppendLine(token is null ? "" : null).AppendLine($$"""
                curl {{address}}/demo/v1/chat/completions -H "Authorization: Bearer $AIPIPE_TOKEN" -H "Content-Type: application/json" \
                  -d '{"model": "{{DemoModel}}", "messages": [{"role": "user", "content": "Hello"}]}'
                """);
        }
        return block.ToString();
    }

    /// <summary>Where a browser on this machine finds us; "every interface" is no address to type.</summary>
    private static string Address(ICollection<string> urls)
    {
        var url = urls.FirstOrDefault(u => u.StartsWith("http:", StringComparison.Ordinal)) ?? urls.First();
        return url.Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal)
            .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal);
    }
}
