using System.Text.Encodings.Web;
using System.Text.Json;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>Requests embeddings through the whole pipeline: authenticated, budgeted, metered and recorded as any call.</summary>
internal static class EmbeddingsCall
{
    public const string Path = "/v1/embeddings";

    // Unescaped: the bound of the input's cost depends on the number of bytes.
    private static readonly JsonWriterOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs the call; an error has already been passed on to the caller.</summary>
    public static async Task RunAsync(
        HttpContext http, Provider provider, string model, IReadOnlyCollection<string> texts, CallPipeline pipeline,
            EmbeddingsAnswer answer,
            TimeProvider time)
    {
        using var body = Body(model, texts);
        var inner = new DefaultHttpContext
        {
            RequestServices = http.RequestServices,
            RequestAborted = http.RequestAborted,
            TraceIdentifier = http.TraceIdentifier,
        };
        inner.Features.Set<IHttpResponseFeature>(new InnerResponse(http.Response));
        var (request, outer) = (inner.Request, http.Request);
        (request.Method, request.Scheme, request.Host, request.Path, request.Protocol) =
            (HttpMethods.Post, outer.Scheme, outer.Host, Path, outer.Protocol);
        foreach (var header in outer.Headers)
        {
            if (!IsOfTheBody(header.Key)) request.Headers.Append(header.Key, header.Value);
        }
        (request.ContentType, request.ContentLength, request.Body) = ("application/json", body.Length, body);
        (inner.Connection.RemoteIpAddress, inner.Connection.RemotePort) = (http.Connection.RemoteIpAddress, http.Connection.RemotePort);
        answer.Attach(inner.Response);
        var call = new CallContext(inner, provider, Path, time.GetUtcNow());
        call = await pipeline.RunAsync(call);
        answer.Complete();
        CostHeaders.Set(call, http.Response);
    }

    private static bool IsOfTheBody(string header) => header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Expect", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Accept", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase);

    private static MemoryStream Body(string model, IReadOnlyCollection<string> texts)
    {
        var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, PlainText))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteString("encoding_format", "base64");
            json.WriteStartArray("input");
            foreach (var text in texts) json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        body.Position = 0;
        return body;
    }

    /// <summary>What the inner call registers for its end, such as its buffer, ends with the outer request.</summary>
    private sealed class InnerResponse(HttpResponse outer) : HttpResponseFeature
    {
        public override void OnCompleted(Func<object, Task> callback, object state) => outer.OnCompleted(callback, state);
    }
}
