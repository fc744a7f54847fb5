using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Playground;

/// <summary>A chat with any model of this instance. The conversation stays in the browser (playground.js).</summary>
public sealed class IndexModel : PortalPage
{
    private const string Preferred = "openai";

    [BindProperty(SupportsGet = true)]
    public string? Provider { get; set; }

    public IReadOnlyList<string> Providers { get; private set; } = [];

    /// <summary>The chat models of <see cref="Provider"/>.</summary>
    public IReadOnlyList<ModelInfo> Models { get; private set; } = [];

    public UsageReport Usage { get; private set; } = null!;

    /// <summary>The person's token, with which the script calls the gateway's public API.</summary>
    public string Token { get; private set; } = "";

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var models = await Gateway.GetModelsAsync(cancellationToken);
        Usage = await Gateway.GetUsageAsync(cancellationToken);
        Token = User.Token()!;
        Providers = [.. models.Where(IsChat).Select(model => model.Provider).Distinct().Order(StringComparer.Ordinal)];
        if (!Providers.Contains(Provider)) Provider = Providers.Contains(Preferred) ? Preferred : Providers.Count > 0 ? Providers[0] : null;
        Models = [.. models.Where(model => model.Provider == Provider && IsChat(model)).OrderBy(model => model.Id, StringComparer.Ordinal)];
    }

    private static bool IsChat(ModelInfo model) => model.Output is null || model.Output.Contains("text");
}
