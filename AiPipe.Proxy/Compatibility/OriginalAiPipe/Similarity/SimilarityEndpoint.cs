using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Upstream;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary><c>POST /similarity</c>: the similarity of texts by their embeddings.</summary>
internal static class SimilarityEndpoint
{
    public static IEndpointRouteBuilder MapSimilarity(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/similarity", RunAsync).WithTags("Models").WithSummary("Compare texts by their embeddings")
            .Takes(typeof(SimilarityRequest)).Gives(typeof(SimilarityResponse));
        return routes;
    }

    private static async Task RunAsync(
        HttpContext http, CallerAuthentication authentication, ProviderCatalog providers, CallPipeline pipeline,
        BodyBuffers buffers, TimeProvider time)
    {
        // The inner call is checked again; these checks prevent large bodies of callers who may not call.
        var (caller, refusal) = await authentication.IdentifyAsync(http.Request);
        var provider = caller is null ? null : ProviderFor(caller, providers);
        if (provider is not null)
            refusal ??= await pipeline.CheckAsync(new CallContext(http, provider, EmbeddingsCall.Path, time.GetUtcNow()));
        SimilarityRequest? request = null;
        if (refusal is null) (request, refusal) = await SimilarityBody.ReadAsync(http, caller!, buffers);
        refusal ??= await CompareAsync(http, request!, provider, pipeline, time);
        if (refusal is not null) await RefusalWriter.WriteAsync(http, refusal);
    }

    private static async Task<Refusal?> CompareAsync(
        HttpContext http, SimilarityRequest request, Provider? provider, CallPipeline pipeline, TimeProvider time)
    {
        if (provider is null) return Refusal.UnknownProvider("openai");
        // A repeated text is embedded, and paid for, once.
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var docs = Place(request.Docs, places);
        var topics = request.Topics is null ? docs : Place(request.Topics, places);
        if (places.Count > SimilarityBody.MaxTexts)
            return Refusal.InvalidRequest($"Documents and topics together must not be more than {SimilarityBody.MaxTexts} texts.", "docs");

        var reader = new EmbeddingsReader(places.Count);
        await using var answer = new EmbeddingsAnswer(http.Response, reader);
        await EmbeddingsCall.RunAsync(http, provider, request.Model, places.Keys, pipeline, answer, time);
        if (!answer.IsGood) return null;
        if (reader.Vectors() is not { } vectors || !Array.TrueForAll(vectors, vector => Cosine.TryNormalize(vector)))
            return Refusal.UpstreamBroken(provider.Name);
        await WriteAsync(http, request, docs, topics, vectors, reader.Tokens);
        return null;
    }

    private static Provider? ProviderFor(Caller caller, ProviderCatalog providers)
    {
        providers.TryFind("openai", out var openAi);
        if (openAi?.Credentials.Count > 0 || caller is Caller.Byok) return openAi;
        return providers.TryFind(KnownProviders.Demo, out var demo) ? demo : openAi;
    }

    /// <summary>The index of each text among the distinct ones, in the order of their first appearance.</summary>
    private static int[] Place(IReadOnlyList<SimilarityText> texts, Dictionary<string, int> places)
    {
        var found = new int[texts.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var text = texts[i].Value!;
            if (!places.TryGetValue(text, out found[i])) places.Add(text, found[i] = places.Count);
        }
        return found;
    }

    private static async Task WriteAsync(
        HttpContext http, SimilarityRequest request, int[] docs, int[] topics, float[][] vectors, long? tokens)
    {
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("model", request.Model);
        json.WriteStartArray("similarity");
        foreach (var doc in docs)
        {
            json.WriteStartArray();
            // Adding zero turns a rounded minus zero into zero.
            foreach (var topic in topics) json.WriteNumberValue(
                Math.Round(Cosine.Similarity(vectors[doc], vectors[topic]), request.Precision) + 0.0);
            json.WriteEndArray();
            json.Flush();
            await body.FlushAsync(http.RequestAborted);
        }
        json.WriteEndArray();
        if (tokens is { } count) json.WriteNumber("tokens", count); else json.WriteNull("tokens");
        json.WriteEndObject();
    }
}
