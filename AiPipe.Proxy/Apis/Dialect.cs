using AiPipe.Proxy.Apis.Anthropic;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis;

/// <summary>A provider's conventions: its endpoints, how it authenticates, and the shape of its errors.</summary>
internal abstract class Dialect
{
    public static readonly Dialect OpenAi = new OpenAiDialect();
    public static readonly Dialect Azure = new AzureDialect();
    public static readonly Dialect Gemini = new GeminiDialect();
    public static readonly Dialect Anthropic = new AnthropicDialect();

    public static IReadOnlyList<Dialect> All { get; } = [OpenAi, Azure, Gemini, Anthropic];

    /// <summary>The name in settings and in <c>GET /models</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What follows a provider's name in the base URL that clients are given: <c>/v1</c>, or nothing.</summary>
    public abstract string ClientPath { get; }

    public abstract IReadOnlyList<WireApi> Apis { get; }

    public virtual ErrorFormat Errors => ErrorFormat.OpenAi;

    /// <summary>True if clients may send their key as <c>?key=</c>.</summary>
    public virtual bool TakesKeyInQuery => false;

    /// <summary>The allowed endpoints, for messages.</summary>
    public string Endpoints => string.Join(", ", FreeEndpoints.Concat(Apis.SelectMany(static api => api.Endpoints)));

    protected abstract IReadOnlyList<string> FreeEndpoints { get; }

    /// <summary>Ignores case; <c>null</c> if no dialect has this name.</summary>
    public static Dialect? Find(string name) =>
        All.FirstOrDefault(dialect => dialect.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The endpoint at a path; <c>null</c> if it is not allowed. All others could cost money unmetered or expose data of other users
    /// (files, batches, stored responses).
    /// </summary>
    /// <param name="method">In capitals.</param>
    /// <param name="path">Decoded, below the provider's base URL, with a leading slash, without the query.</param>
    public virtual ProviderEndpoint? FindEndpoint(string method, string path)
    {
        foreach (var api in Apis)
        {
            if (api.FindEndpoint(method, path) is { } endpoint) return endpoint;
        }
        return FindFreeEndpoint(method, path);
    }

    /// <summary>
    /// The path as endpoints of this dialect have it, from any that clients use: with the version added, or twice.
    /// </summary>
    public abstract ApiPath Normalise(string path);

    /// <summary>The version at the start of paths of this dialect, which an address can have, too: <c>/v1</c>; empty = none.</summary>
    public abstract string Version { get; }

    /// <summary>True if clients of OpenAI's API can call it: routes and aliases can have its providers as targets.</summary>
    public virtual bool IsOpenAi => false;

    /// <summary>Adds the key to an upstream request.</summary>
    /// <param name="isByok">True if the key is the caller's.</param>
    public abstract void Authorize(HttpRequestMessage request, string key, bool isByok);

    /// <summary>The query that is sent with one of our keys.</summary>
    /// <returns>With <c>?</c>, or empty.</returns>
    public abstract string AllowedQuery(HttpRequest request);

    /// <summary>False for models in the price list that this dialect's endpoints do not serve.</summary>
    public virtual bool Serves(string model) => true;

    protected abstract ProviderEndpoint? FindFreeEndpoint(string method, string path);
}
