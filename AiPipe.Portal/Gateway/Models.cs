namespace AiPipe.Portal.Gateway;

public sealed record ModelList(IReadOnlyList<ListedModel> Data);

/// <summary>A model that calls can name, and what it costs: <c>GET /models</c>.</summary>
/// <param name="Id">What a request names.</param>
/// <param name="Provider">Whose.</param>
/// <param name="Base">The path before the API's own: <c>/openai/v1</c>.</param>
/// <param name="Dialect"><c>openai</c> or <c>gemini</c>.</param>
/// <param name="Free">Usable without budget.</param>
/// <param name="Input">What it takes: <c>text</c>, <c>image</c>, <c>audio</c> …; <c>null</c> when that is not known.</param>
/// <param name="Output">What it answers with: <c>text</c>, <c>image</c>, <c>audio</c>, or <c>embedding</c>.</param>
/// <param name="Context">In tokens.</param>
/// <param name="MaxOutputTokens">In tokens.</param>
/// <param name="Price">USD per million tokens.</param>
public sealed record ListedModel(
    string Id, string Provider, string Base, string Dialect, bool Free, IReadOnlyList<string>? Input, IReadOnlyList<string>? Output,
    long? Context, long? MaxOutputTokens, ModelPrice? Price);

public sealed record ModelPrice(decimal? Input, decimal? Output, decimal? CacheRead);

internal static class ModelsApi
{
    public static async Task<IReadOnlyList<ListedModel>> GetModelsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/models", GatewayJson.Default.ModelList, cancellationToken)).Data;
}
