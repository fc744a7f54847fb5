using AiPipe.Portal.Gateway;
using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Http.Extensions;

namespace AiPipe.Portal.Pages;

/// <summary>The home page: what AiPipe is, and snippets for a first call to this instance.</summary>
public sealed class IndexModel : PortalPage
{
    /// <summary>This instance's address as the visitor reached it, without a trailing slash.</summary>
    public string Here { get; private set; } = "";

    /// <summary>The visitor's own token, or a placeholder.</summary>
    public string Token { get; private set; } = "YOUR_TOKEN";

    /// <summary>The base path of the provider in the snippets.</summary>
    public string Base { get; private set; } = "/openai/v1";

    public string Model { get; private set; } = "gpt-4o-mini";

    /// <summary>The gateway lists the model of the snippets, so they work as they are.</summary>
    public bool IsCallable { get; private set; }

    public IReadOnlyList<(string Name, string Path)> Addresses { get; } =
    [
        ("OpenAI", "/openai/v1"), ("OpenRouter", "/openrouter/v1"), ("Gemini", "/gemini"), ("Demo, without a provider", "/demo/v1"),
    ];

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Here = UriHelper.BuildAbsolute(Request.Scheme, Request.Host, Request.PathBase).TrimEnd('/');
        if (User.Token() is not { } token) return;
        Token = token;
        try
        {
            ChooseModel(await Gateway.GetModelsAsync(cancellationToken));
        }
        catch (GatewayException)
        {
            // The home page does not depend on the gateway: it shows the usual model.
        }
    }

    private void ChooseModel(IReadOnlyList<ModelInfo> models)
    {
        var usable = models.Where(model => model.Dialect == "openai" && model.Output?.Contains("text") == true).ToList();
        var chosen = usable.Find(model => model.Base == Base && model.Id == Model)
            ?? usable.MinBy(model => (model.Provider == "demo", (model.Price?.Input ?? decimal.MaxValue / 2) + (model.Price?.Output ?? decimal.MaxValue / 2)));
        if (chosen is null) return;
        (Base, Model, IsCallable) = (chosen.Base, chosen.Id, true);
    }
}
