using AiPipe.Portal.SignIn;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AiPipe.Portal.Pages;

/// <summary>What AiPipe is, and how to make a first call to this very instance.</summary>
public sealed class IndexModel : PageModel
{
    /// <summary>This instance as its visitor reached it, without a trailing slash.</summary>
    public string Here { get; private set; } = "";

    /// <summary>The visitor's own token, so that what they copy works as it is; else where it belongs.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Paths of the gateway and what stands behind each.</summary>
    public IReadOnlyList<(string Name, string Path)> Addresses { get; } =
    [
        ("OpenAI", "/openai/v1"), ("OpenRouter", "/openrouter/v1"), ("Gemini", "/gemini"), ("Demo, until a provider has a key", "/demo/v1"),
    ];

    public void OnGet()
    {
        Here = UriHelper.BuildAbsolute(Request.Scheme, Request.Host, Request.PathBase).TrimEnd('/');
        Token = User.Token() ?? "YOUR_TOKEN";
    }
}
