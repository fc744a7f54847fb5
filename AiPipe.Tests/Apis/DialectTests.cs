using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.Images;
using AiPipe.Proxy.Apis.Moderations;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Apis.Speech;

namespace AiPipe.Tests.Apis;

public sealed class DialectTests
{
    [Theory]
    [InlineData("POST", "/v1/chat/completions", nameof(ChatCompletionsApi))]
    [InlineData("POST", "/v1/completions", nameof(CompletionsApi))]
    [InlineData("POST", "/v1/responses", nameof(ResponsesApi))]
    [InlineData("POST", "/v1/embeddings", nameof(EmbeddingsApi))]
    [InlineData("POST", "/v1/moderations", nameof(ModerationsApi))]
    [InlineData("POST", "/v1/images/generations", nameof(ImagesApi))]
    [InlineData("POST", "/v1/audio/speech", nameof(SpeechApi))]
    [InlineData("GET", "/v1/models", null)]
    [InlineData("HEAD", "/v1/models", null)]
    [InlineData("GET", "/v1/models/gpt-4o-mini", null)]
    [InlineData("GET", "/v1/models/ft:gpt-4o:org::id", null)]
    [InlineData("GET", "/v1/models/openai/gpt-4o/endpoints", null)]
    [InlineData("HEAD", "/v1/models/gpt-4o-mini", null)]
    public void OpenAi_passes(string method, string path, string? api)
    {
        var endpoint = Dialect.OpenAi.FindEndpoint(method, path)!;
        Assert.Equal((api, api is not null, null, false),
            (endpoint.Api?.GetType().Name, endpoint.IsMetered, endpoint.PathModel, endpoint.Streams));
    }

    [Theory]
    [InlineData("POST", "/models/m:generateContent", nameof(GeminiGenerateApi), false)]
    [InlineData("POST", "/models/gemini-2.5-flash_001:streamGenerateContent", nameof(GeminiGenerateApi), true)]
    [InlineData("POST", "/models/m:embedContent", nameof(GeminiEmbedApi), false)]
    [InlineData("POST", "/models/m:batchEmbedContents", nameof(GeminiEmbedApi), false)]
    [InlineData("POST", "/models/m:countTokens", null, false)]
    [InlineData("GET", "/models", null, false)]
    [InlineData("HEAD", "/models", null, false)]
    [InlineData("GET", "/models/gemini-2.5-flash", null, false)]
    [InlineData("HEAD", "/models/gemini-2.5-flash", null, false)]
    public void Gemini_passes(string method, string path, string? api, bool streams)
    {
        var endpoint = Dialect.Gemini.FindEndpoint(method, path)!;
        Assert.Equal((api, streams), (endpoint.Api?.GetType().Name, endpoint.Streams));
        if (endpoint.IsMetered) Assert.Equal(path[8..path.IndexOf(':')], endpoint.PathModel);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("GET", "/v1/chat/completions/chatcmpl-1")]
    [InlineData("POST", "/v1/chat/completions/")]
    [InlineData("POST", "/v1/chat/completions/chatcmpl-1")]
    [InlineData("POST", "//v1/chat/completions")]
    [InlineData("POST", "/v1//chat/completions")]
    [InlineData("POST", "/V1/chat/completions")]
    [InlineData("POST", "/v1/Chat/Completions")]
    [InlineData("post", "/v1/chat/completions")]
    [InlineData("PUT", "/v1/chat/completions")]
    [InlineData("HEAD", "/v1/responses")]
    [InlineData("POST", "/v1/chat/completions?x")]
    [InlineData("POST", "/v1/chat/completions;x")]
    [InlineData("POST", "/v1/chat/completions\n")]
    [InlineData("POST", "/v1/chat/completions%00")]
    [InlineData("POST", "/chat/completions")]
    [InlineData("GET", "/v1/responses/resp_1")]
    [InlineData("GET", "/v1/responses/resp_1/input_items")]
    [InlineData("POST", "/v1/responses/resp_1/cancel")]
    [InlineData("POST", "/v1/responses/compact")]
    [InlineData("POST", "/v1/models")]
    [InlineData("DELETE", "/v1/models/ft:gpt-4o:org::id")]
    [InlineData("GET", "/v1/models/")]
    [InlineData("GET", "/v1/models/a b")]
    [InlineData("GET", "/v1/models/a%2e%2e")]
    [InlineData("GET", "/v1/models/a\n")]
    [InlineData("GET", "/v1/models/a?b")]
    [InlineData("GET", "/v1/files")]
    [InlineData("POST", "/v1/files")]
    [InlineData("POST", "/v1/batches")]
    [InlineData("GET", "/v1/images/generations")]
    [InlineData("POST", "/v1/images/edits")]
    [InlineData("POST", "/v1/images/variations")]
    [InlineData("POST", "/v1/audio/transcriptions")]
    [InlineData("POST", "/v1/audio/translations")]
    [InlineData("POST", "/v1/audio/voices")]
    [InlineData("POST", "/v1/rerank")]
    [InlineData("POST", "/v1/videos")]
    [InlineData("POST", "/v1/fine_tuning/jobs")]
    [InlineData("POST", "/v1/assistants")]
    [InlineData("POST", "/v1/threads/runs")]
    [InlineData("GET", "/v1/organization/costs")]
    [InlineData("POST", "/models/m:generateContent")]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    public void OpenAi_does_not_pass(string method, string path) => Assert.Null(Dialect.OpenAi.FindEndpoint(method, path));

    [Theory]
    [InlineData("GET", "/models/m:generateContent")]
    [InlineData("PUT", "/models/m:generateContent")]
    [InlineData("post", "/models/m:generateContent")]
    [InlineData("POST", "/models/m")]
    [InlineData("POST", "/models")]
    [InlineData("POST", "/models/:generateContent")]
    [InlineData("POST", "/models:generateContent")]
    [InlineData("POST", "/models/m:generateContent/")]
    [InlineData("POST", "/models/m:generateContent:countTokens")]
    [InlineData("POST", "/models/m:countTokens:generateContent")]
    [InlineData("POST", "/models/m:GenerateContent")]
    [InlineData("POST", "/models/m:generatecontent")]
    [InlineData("POST", "/models/m:generateContent\n")]
    [InlineData("POST", "/models/m%3AgenerateContent")]
    [InlineData("POST", "/models/a/b:generateContent")]
    [InlineData("POST", "/models/m:")]
    [InlineData("POST", "/models/m:predict")]
    [InlineData("POST", "/models/m:predictLongRunning")]
    [InlineData("POST", "/models/m:batchGenerateContent")]
    [InlineData("POST", "/models/m:asyncBatchEmbedContent")]
    [InlineData("POST", "/models/m:bidiGenerateContent")]
    [InlineData("GET", "/models/m:countTokens")]
    [InlineData("POST", "/tunedModels/m:generateContent")]
    [InlineData("DELETE", "/tunedModels/m")]
    [InlineData("POST", "/cachedContents")]
    [InlineData("GET", "/files")]
    [InlineData("GET", "/models/")]
    [InlineData("GET", "/models/m/operations")]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1beta/models/m:generateContent")]
    [InlineData("POST", "/openai/chat/completions")]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    public void Gemini_does_not_pass(string method, string path) => Assert.Null(Dialect.Gemini.FindEndpoint(method, path));

    [Fact]
    public void Names_of_models_have_200_letters_at_most()
    {
        foreach (var (length, found) in ((int, bool)[])[(200, true), (201, false), (1_000_000, false)])
        {
            var name = new string('m', length);
            Assert.Equal(found, Dialect.OpenAi.FindEndpoint("GET", $"/v1/models/{name}") is not null);
            Assert.Equal(found, Dialect.Gemini.FindEndpoint("POST", $"/models/{name}:generateContent") is not null);
        }
    }

    [Fact]
    public void Endpoints_in_messages_are_allowed() => Assert.All(Dialect.All, static dialect =>
        Assert.All(dialect.Endpoints.Replace("{model}", "m", StringComparison.Ordinal).Split(", "), line =>
            Assert.NotNull(dialect.FindEndpoint(line.Split(' ')[0], line.Split(' ')[1]))));
}
