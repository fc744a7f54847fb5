using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Errors;

namespace AiPipe.Tests.Apis;

public sealed class MeteredEndpointsTests
{
    [Theory]
    [InlineData("POST", "/v1/chat/completions", "ChatCompletions")]
    [InlineData("POST", "/v1/completions", "Completions")]
    [InlineData("POST", "/v1/responses", "Responses")]
    [InlineData("POST", "/v1/embeddings", "Embeddings")]
    [InlineData("GET", "/v1/models", "Free")]
    [InlineData("HEAD", "/v1/models", "Free")]
    [InlineData("GET", "/v1/models/gpt-4o-mini", "Free")]
    [InlineData("GET", "/v1/models/ft:gpt-4o:org::id", "Free")]
    [InlineData("GET", "/v1/models/openai/gpt-4o/endpoints", "Free")]
    [InlineData("HEAD", "/v1/models/gpt-4o-mini", "Free")]
    public void OpenAi_passes(string method, string path, string api)
    {
        var endpoint = MeteredEndpoints.Find(Dialect.OpenAi, method, path)!;
        Assert.Equal((api, api != "Free", null, false),
            (endpoint.Api.ToString(), endpoint.IsMetered, endpoint.PathModel, endpoint.Streams));
    }

    [Theory]
    [InlineData("POST", "/models/m:generateContent", "GeminiGenerate", false)]
    [InlineData("POST", "/models/gemini-2.5-flash_001:streamGenerateContent", "GeminiGenerate", true)]
    [InlineData("POST", "/models/m:embedContent", "GeminiEmbed", false)]
    [InlineData("POST", "/models/m:batchEmbedContents", "GeminiEmbed", false)]
    [InlineData("POST", "/models/m:countTokens", "Free", false)]
    [InlineData("GET", "/models", "Free", false)]
    [InlineData("HEAD", "/models", "Free", false)]
    [InlineData("GET", "/models/gemini-2.5-flash", "Free", false)]
    [InlineData("HEAD", "/models/gemini-2.5-flash", "Free", false)]
    public void Gemini_passes(string method, string path, string api, bool streams)
    {
        var endpoint = MeteredEndpoints.Find(Dialect.Gemini, method, path)!;
        Assert.Equal((api, streams), (endpoint.Api.ToString(), endpoint.Streams));
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
    [InlineData("POST", "/v1/images/generations")]
    [InlineData("POST", "/v1/audio/speech")]
    [InlineData("POST", "/v1/fine_tuning/jobs")]
    [InlineData("POST", "/v1/assistants")]
    [InlineData("POST", "/v1/threads/runs")]
    [InlineData("GET", "/v1/organization/costs")]
    [InlineData("POST", "/models/m:generateContent")]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    public void OpenAi_does_not_pass(string method, string path) => Assert.Null(MeteredEndpoints.Find(Dialect.OpenAi, method, path));

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
    public void Gemini_does_not_pass(string method, string path) => Assert.Null(MeteredEndpoints.Find(Dialect.Gemini, method, path));

    [Fact]
    public void Names_of_models_have_200_letters_at_most()
    {
        foreach (var (length, found) in ((int, bool)[])[(200, true), (201, false), (1_000_000, false)])
        {
            var name = new string('m', length);
            Assert.Equal(found, MeteredEndpoints.Find(Dialect.OpenAi, "GET", $"/v1/models/{name}") is not null);
            Assert.Equal(found, MeteredEndpoints.Find(Dialect.Gemini, "POST", $"/models/{name}:generateContent") is not null);
        }
    }

    [Fact]
    public void What_is_told_to_pass_does()
    {
        Assert.All(MeteredEndpoints.Describe(Dialect.OpenAi).Replace("{model}", "m", StringComparison.Ordinal).Split(", "), line =>
            Assert.NotNull(MeteredEndpoints.Find(Dialect.OpenAi, line.Split(' ')[0], line.Split(' ')[1])));
        Assert.All(MeteredEndpoints.Describe(Dialect.Gemini).Replace("{model}", "m", StringComparison.Ordinal).Split(", "), line =>
        {
            var words = line.Split(' ');
            Assert.NotNull(MeteredEndpoints.Find(
                Dialect.Gemini, words.Length > 1 ? words[0] : "POST", words.Length > 1 ? words[1] : "/models/m" + words[0]));
        });
    }
}
