using System.Text;
using AiPipe.Proxy.Features.People;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Backends;
using Microsoft.Extensions.Options;

namespace AiPipe.AppHost.Starting;

/// <summary>What a newcomer reads when the gateway listens: where it is, what it has, and how to make a first call.</summary>
internal static class FirstStart
{
    /// <summary>Prints the block; where the first admin is a new one to this data folder, with a link and a token for them.</summary>
    public static async Task WelcomeAsync(WebApplication app, string folder)
    {
        var file = Path.Combine(folder, "welcomed");
        var welcomed = File.Exists(file) ? await File.ReadAllLinesAsync(file) : [];
        var admin = app.Services.GetRequiredService<IOptions<TokenOptions>>().Value.Admins.FirstOrDefault();
        var providers = app.Services.GetRequiredService<ProviderCatalog>().All.Where(provider => !provider.IsBuiltIn && provider.Credentials.Count > 0);
        var block = new StringBuilder().AppendLine();
        var address = Address(app.Urls);
        Introduce(block, address, folder, [.. providers.Select(provider => provider.Name)]);
        var isNew = admin is not null && !welcomed.Contains(admin);
        if (admin is null) block.AppendLine("  Admin       nobody: name yourself in ADMIN_EMAILS, and the next start prints how you get in");
        else if (isNew) ShowWaysIn(block, admin, await LinkAsync(app.Services, address, admin), app.Services.GetRequiredService<TokenIssuer>().Issue(admin));
        else block.AppendLine($"  Admin       {admin}, with the link and the token that an earlier start printed (lost? delete {file} and start again)");
        ShowFirstCall(block, address, app.Services.GetRequiredService<ProviderCatalog>());
        await Console.Out.WriteLineAsync(block);
        if (isNew) await File.AppendAllLinesAsync(file, [admin!]);
    }

    private static void Introduce(StringBuilder block, string address, string folder, string[] providers) => block
        .AppendLine($"  AiPipe      {address}")
        .AppendLine($"  Data        {folder}")
        .AppendLine($"  Providers   {(providers.Length > 0 ? string.Join(", ", providers) : "none has a key yet (OPENAI_API_KEY, OPENROUTER_API_KEY, GEMINI_API_KEY …); demo answers without one")}");

    private static void ShowWaysIn(StringBuilder block, string admin, string link, string token) => block
        .AppendLine($"  Admin       {admin}. Sign in once with this link, within a day; the account page then sets a password and shows your token:").AppendLine()
        .AppendLine($"  {link}").AppendLine()
        .AppendLine("  For the commands below, your token (shown once; it is a password):").AppendLine()
        .AppendLine($"export AIPIPE_TOKEN={token}");

    private static async Task<string> LinkAsync(IServiceProvider services, string address, string admin)
    {
        await using var scope = services.CreateAsyncScope();
        var (code, _) = await scope.ServiceProvider.GetRequiredService<SignInLinks>().IssueAsync(admin, madeBy: null, CancellationToken.None);
        return SignInLinks.AddressOf(address, code);
    }

    private static void ShowFirstCall(StringBuilder block, string address, ProviderCatalog providers)
    {
        if (!providers.TryFind(KnownProviders.Demo, out _)) return;
        block.AppendLine().AppendLine($$"""
            curl {{address}}/demo/v1/chat/completions -H "Authorization: Bearer $AIPIPE_TOKEN" -H "Content-Type: application/json" \
              -d '{"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}'
            """);
    }

    /// <summary>Where a browser on this machine finds us; "every interface" is no address to type.</summary>
    private static string Address(ICollection<string> urls)
    {
        var url = urls.FirstOrDefault(u => u.StartsWith("http:", StringComparison.Ordinal)) ?? urls.First();
        return url.Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal)
            .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal);
    }
}
