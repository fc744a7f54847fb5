using System.Text.RegularExpressions;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis;

/// <summary>
/// The allow-list of endpoints. All other endpoints could cost money unmetered or expose data of other users (files, batches, stored
/// responses).
/// </summary>
internal static partial class MeteredEndpoints
{
    private const int MatchTimeoutMilliseconds = 100;

    private static readonly ProviderEndpoint GeminiFree = new(Api.Free, "count_tokens");

    private static readonly Dictionary<(string Method, string Path), ProviderEndpoint> OpenAi = new()
    {
        [("POST", "/v1/chat/completions")] = new(Api.ChatCompletions, "chat"),
        [("POST", "/v1/completions")] = new(Api.Completions, "text_completion"),
        [("POST", "/v1/responses")] = new(Api.Responses, "chat"),
        [("POST", "/v1/embeddings")] = new(Api.Embeddings, "embeddings"),
        [("GET", "/v1/models")] = new(Api.Free, "list_models"),
    };

    public static string Describe(Dialect dialect) => dialect == Dialect.Gemini
        ? "GET /models, POST /models/{model}:generateContent, :streamGenerateContent, :embedContent, :batchEmbedContents, :countTokens"
        : string.Join(", ", OpenAi.Keys.Select(key => $"{key.Method} {key.Path}")) + ", GET /v1/models/{model}";

    /// <summary>The endpoint at a path; <c>null</c> if it is not allowed.</summary>
    /// <param name="path">Decoded, with a leading slash, without the query.</param>
    public static ProviderEndpoint? Find(Dialect dialect, string method, string path) =>
        dialect == Dialect.Gemini ? FindGemini(method, path) : FindOpenAi(method, path);

    private static ProviderEndpoint? FindOpenAi(string method, string path)
    {
        if (method == "HEAD") method = "GET";
        if (OpenAi.TryGetValue((method, path), out var endpoint)) return endpoint;
        return method == "GET" && OneModel().IsMatch(path) ? OpenAi[("GET", "/v1/models")] : null;
    }

    private static ProviderEndpoint? FindGemini(string method, string path)
    {
        var match = GeminiPath().Match(path);
        if (!match.Success) return null;
        var model = match.Groups["model"].Value;
        return (method, match.Groups["verb"].Value) switch
        {
            ("GET" or "HEAD", "") => new(Api.Free, "list_models"),
            ("POST", _) when model.Length == 0 => null,
            ("POST", "generateContent") => new(Api.GeminiGenerate, "generate_content", model),
            ("POST", "streamGenerateContent") => new(Api.GeminiGenerate, "generate_content", model, Streams: true),
            ("POST", "embedContent" or "batchEmbedContents") => new(Api.GeminiEmbed, "embeddings", model),
            ("POST", "countTokens") => GeminiFree,
            _ => null,
        };
    }

    [GeneratedRegex(@"^/v1/models/[A-Za-z0-9._:/-]{1,200}\z", RegexOptions.CultureInvariant, MatchTimeoutMilliseconds)]
    private static partial Regex OneModel();

    [GeneratedRegex(@"^/models(?:/(?<model>[A-Za-z0-9._-]{1,200})(?::(?<verb>[A-Za-z]{1,40}))?)?\z", RegexOptions.CultureInvariant,
        MatchTimeoutMilliseconds)]
    private static partial Regex GeminiPath();
}
