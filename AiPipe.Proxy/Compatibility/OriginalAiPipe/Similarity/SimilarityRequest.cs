using System.Text.Json;
using System.Text.Json.Serialization;
using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>What is to be compared with what.</summary>
internal sealed class SimilarityRequest
{
    /// <summary>The most texts in one request, documents and topics together: as many as one call for embeddings takes.</summary>
    public const int MaxTexts = 2048;
    private const int MaxPrecision = 15;
    private const int MaxModelLength = 200;

    // Settable, since generated readers forget the defaults of properties that are init-only.
    public IReadOnlyList<SimilarityText> Docs { get; set; } = [];
    /// <summary>What the documents are compared with; with each other when it is missing.</summary>
    public IReadOnlyList<SimilarityText>? Topics { get; set; }
    public string Model { get; set; } = "text-embedding-3-small";
    /// <summary>Decimal places of the answer.</summary>
    public int Precision { get; set; } = 5;

    /// <summary>Reads the body; exactly one of the two is there.</summary>
    /// <param name="http">The request.</param>
    /// <param name="maxBytes">The longest body that is read.</param>
    public static async Task<(SimilarityRequest? Request, Refusal? Refusal)> ReadAsync(HttpContext http, long maxBytes)
    {
        if (!http.Request.HasJsonContentType()) return (null, Refusal.UnsupportedMediaType("application/json"));
        if (http.Request.ContentLength > maxBytes) return (null, Refusal.BodyTooLarge(maxBytes));
        // The server itself lets more through, so that callers who are still sending get to read an answer.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = maxBytes;
        try
        {
            var request = await http.Request.ReadFromJsonAsync(SimilarityJson.Default.SimilarityRequest, http.RequestAborted);
            var refusal = request is null ? Refusal.InvalidRequest("The body must be a JSON object.") : request.Check();
            return refusal is null ? (request, null) : (null, refusal);
        }
        catch (JsonException e)
        {
            return (null, Refusal.BadJson($"what stands at {e.Path ?? "$"} cannot be used."));
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Refusal.BodyTooLarge(maxBytes)
                : Refusal.InvalidRequest("The body did not arrive as it was announced."));
        }
    }

    private Refusal? Check()
    {
        if (Docs is not { Count: > 0 and <= MaxTexts }) return Refusal.InvalidRequest($"The field \"docs\" must be a list of 1 to {MaxTexts} texts.");
        if (Topics is { Count: 0 or > MaxTexts }) return Refusal.InvalidRequest($"The field \"topics\" must be a list of 1 to {MaxTexts} texts.");
        if (Model is not { Length: > 0 and <= MaxModelLength }) return Refusal.ModelMissing();
        if (Precision is < 0 or > MaxPrecision) return Refusal.InvalidRequest($"The field \"precision\" must be from 0 to {MaxPrecision}.");
        foreach (var text in Docs.Concat(Topics ?? []))
        {
            if (text is not { Type: "text" }) return Refusal.InvalidRequest("Only documents and topics of the type \"text\" are supported.");
            if (text.Value is null) return Refusal.InvalidRequest("Every document and topic must be a text, or have one as its \"value\".");
        }
        return null;
    }
}

[JsonSerializable(typeof(SimilarityRequest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
internal sealed partial class SimilarityJson : JsonSerializerContext;
