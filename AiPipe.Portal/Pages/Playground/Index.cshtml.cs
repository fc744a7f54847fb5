using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Playground;

/// <summary>Talks to any model of this instance, and shows what each answer cost. The talk itself is playground.js and stays in the browser.</summary>
public sealed class IndexModel : PortalPage
{
    private const string Usual = "openai";

    /// <summary>Whose models are offered.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Provider { get; set; }

    public IReadOnlyList<string> Providers { get; private set; } = [];

    /// <summary>Those of the provider that one can talk to.</summary>
    public IReadOnlyList<ModelInfo> Models { get; private set; } = [];

    public UsageReport Usage { get; private set; } = null!;

    /// <summary>With it the page calls the gateway as any other page would.</summary>
    public string Token { get; private set; } = "";

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var models = await Gateway.GetModelsAsync(cancellationToken);
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Token = User.Token()!;
        Providers = [.. models.Where(Talks).Select(model => model.Provider).Distinct().Order(StringComparer.Ordinal)];
        if (!Providers.Contains(Provider)) Provider = Providers.Contains(Usual) ? Usual : Providers is [var first, ..] ? first : null;
        Models = [.. models.Where(model => model.Provider == Provider && Talks(model)).OrderBy(model => model.Id, StringComparer.Ordinal)];
    }

    private static bool Talks(ModelInfo model) => model.Output is null || model.Output.Contains("text");
}
