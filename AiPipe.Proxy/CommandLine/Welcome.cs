using System.Text;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.CommandLine;

/// <summary>The first steps after a start: the address, the providers that have keys, a sign-in link and a first call.</summary>
internal static class Welcome
{
    /// <summary>Creates the text. It has a sign-in link, and in Development a token, until the first administrator has signed in.</summary>
    /// <param name="address">The gateway's address as browsers and clients use it.</param>
    public static async Task<string> CreateTextAsync(IServiceProvider services, Uri address, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var providers = services.GetRequiredService<ProviderCatalog>();
        var withKeys = providers.All.Where(provider => !provider.IsBuiltIn && provider.Credentials.Count > 0).ToList();
        var names = withKeys.Count > 0
            ? string.Join(", ", withKeys.Select(provider => provider.Name))
            : "no keys yet (set OPENAI_API_KEY, OPENROUTER_API_KEY, GEMINI_API_KEY …); the demo provider needs none";
        text.AppendLine($"  AiPipe      {address.GetLeftPart(UriPartial.Authority)}");
        text.AppendLine($"  Providers   {names}");
        await AppendAdministratorAsync(text, services, address, cancellationToken);
        AppendFirstCall(text, address, providers.TryFind(KnownProviders.Demo, out _));
        return text.ToString();
    }

    private static async Task AppendAdministratorAsync(
        StringBuilder text, IServiceProvider services, Uri address, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue.Admins.FirstOrDefault() is not { } admin)
        {
            text.AppendLine("  Admin       not configured: set ADMIN_EMAILS=you@example.com and restart");
            return;
        }
        if (await services.GetRequiredService<PeopleRows>().FindAsync(admin, cancellationToken) is { LastSeenAt: not null })
        {
            text.AppendLine($"  Admin       {admin}");
            return;
        }
        var link = await SignInLink.CreateAsync(services, admin, address, cancellationToken);
        text.Append($"  Admin       {admin}: sign in with this link. It works once, within a day. ")
            .AppendLine("Your account page can then set a password.").AppendLine().AppendLine($"  {link}");
        // A token never expires, so it must not be in the log of a production server.
        if (!services.GetRequiredService<IHostEnvironment>().IsDevelopment()) return;
        text.AppendLine().AppendLine("  Your token for the commands below. Keep it secret, like a password:").AppendLine()
            .AppendLine($"export AIPIPE_TOKEN={services.GetRequiredService<TokenIssuer>().Issue(admin)}");
    }

    // With provider keys, there is no demo provider, and it is unknown which models the keys can call.
    private static void AppendFirstCall(StringBuilder text, Uri address, bool hasDemo) => text.AppendLine().AppendLine(hasDemo
        ? $$"""
        curl {{address.GetLeftPart(UriPartial.Authority)}}/demo/v1/chat/completions \
          -H "Authorization: Bearer $AIPIPE_TOKEN" -H "Content-Type: application/json" \
          -d '{"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}'
        """
        : $"""
        curl {address.GetLeftPart(UriPartial.Authority)}/usage -H "Authorization: Bearer $AIPIPE_TOKEN"
        """);
}
