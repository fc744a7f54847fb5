using System.Text.Json;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Upstream;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

internal static class SimilarityBody
{
    /// <summary>The most texts in one request: the limit of one call for embeddings.</summary>
    public const int MaxTexts = 2048;
    private const int MaxPrecision = 15;
    private const int MaxModelLength = 200;

    /// <summary>The body is in memory as bytes, as texts of two bytes a character, and as the body of the inner call.</summary>
    private const int Weight = 4;

    public static async Task<(SimilarityRequest? Request, Refusal? Refusal)> ReadAsync(HttpContext http, Caller caller, BodyBuffers buffers)
    {
        if (!http.Request.HasJsonContentType()) return (null, Refusal.JsonExpected());
        var (bytes, unread) = await buffers.ReadAsync(http, caller, Weight);
        if (unread is not null) return (null, unread);
        try
        {
            var request = JsonSerializer.Deserialize(bytes.Span, ContractJson.Default.SimilarityRequest);
            var refusal = request is null ? Refusal.InvalidRequest("The body must be a JSON object.") : Check(request);
            return refusal is null ? (request, null) : (null, refusal);
        }
        catch (JsonException e)
        {
            return (null, Refusal.BadJson($"what stands at {e.Path ?? "$"} cannot be used.", JsonBody.ParamOf(e.Path)));
        }
    }

    private static Refusal? Check(SimilarityRequest request)
    {
        if (request.Docs is not { Count: > 0 and <= MaxTexts }) return Refusal.InvalidRequest(
            $"The field \"docs\" must be a list of 1 to {MaxTexts} texts.", "docs");
        if (request.Topics is { Count: 0 or > MaxTexts }) return Refusal.InvalidRequest(
            $"The field \"topics\" must be a list of 1 to {MaxTexts} texts.", "topics");
        if (request.Model is not { Length: > 0 and <= MaxModelLength }) return Refusal.ModelMissing();
        if (request.Precision is < 0 or > MaxPrecision) return Refusal.InvalidRequest(
            $"The field \"precision\" must be from 0 to {MaxPrecision}.", "precision");
        foreach (var text in request.Docs.Concat(request.Topics ?? []))
        {
            if (text is not { Type: "text" }) return Refusal.InvalidRequest(
                "Only documents and topics of the type \"text\" are supported.", "docs");
            if (text.Value is null) return Refusal.InvalidRequest(
                "Every document and topic must be a text, or have one as its \"value\".", "docs");
        }
        return null;
    }
}
