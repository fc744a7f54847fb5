using System.Net;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>A provider without a key or a network, for a first metered call. Its response to a given request is always the same.</summary>
internal sealed class DemoProvider(TimeProvider time) : HttpMessageHandler
{
    private delegate HttpContent? Endpoint(DemoRequest request, DemoAnswers answers, out DemoError? error);

    private static readonly Dictionary<string, Endpoint> Endpoints = new(StringComparer.Ordinal)
    {
        ["/v1/chat/completions"] = DemoChat.Answer,
        ["/v1/completions"] = DemoCompletions.Answer,
        ["/v1/responses"] = DemoResponses.Answer,
        ["/v1/embeddings"] = DemoEmbeddings.Answer,
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (content, error) = await AnswerAsync(request, cancellationToken);
        return new HttpResponseMessage(error?.Status ?? HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = content ?? DemoJson.Body(error!.Write),
        };
    }

    private async ValueTask<(HttpContent? Content, DemoError? Error)> AnswerAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The gateway limits body sizes. The body is copied, because an outgoing HttpContent can only be written, not read.
        using var body = new MemoryStream();
        if (request.Content is { } sent) await sent.CopyToAsync(body, cancellationToken);

        var path = request.RequestUri!.AbsolutePath;
        if (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head) return DemoModels.Answer(path);
        if (request.Method != HttpMethod.Post || !Endpoints.TryGetValue(path, out var endpoint))
            return (null, DemoError.NotFound($"The demo provider has nothing at {request.Method} {path}."));
        try
        {
            if (DemoRequest.Read(
                body.GetBuffer().AsSpan(0, (int)body.Length), path == "/v1/embeddings", out var asked) is { } refused)
                return (null, refused);
            var content = endpoint(asked!, new DemoAnswers(time, asked!.Id), out var error);
            return (content, error);
        }
        catch (JsonException)
        {
            return (null, DemoError.BadRequest("The body is not valid JSON."));
        }
        catch (InvalidOperationException)
        {
            return (null, DemoError.BadRequest("A value in the body is of the wrong kind, or a text in it is not valid Unicode."));
        }
    }
}

/// <param name="Id">The same for the same request.</param>
internal readonly record struct DemoAnswers(TimeProvider Time, string Id)
{
    public long Created => Time.GetUtcNow().ToUnixTimeSeconds();

    public HttpContent Stream(IEnumerable<ReadOnlyMemory<byte>> events) => DemoStream.Content(events, Time);
}
