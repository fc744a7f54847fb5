using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Providers;

/// <summary>Another API of a provider, below a path: Gemini's OpenAI-compatible API is at <c>/openai</c>.</summary>
/// <param name="Path">Below the provider's address.</param>
/// <param name="Version">How the API has the version of its dialect: empty = not at all.</param>
internal sealed record ProviderSurface(string Path, Dialect Dialect, string Version = "")
{
    /// <summary>The provider as this API has it; its name, keys and prices are the same.</summary>
    public Provider Of(Provider provider) => provider with
    {
        Dialect = Dialect,
        BaseUrl = new Uri(provider.BaseUrl.AbsoluteUri.TrimEnd('/') + Path),
        Paths = [(Dialect.Version, Version)],
        Surfaces = [],
    };
}
