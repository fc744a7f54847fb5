using System.Net;
using System.Net.Http.Headers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>
/// Allow-lists: what the operator does not allow somebody never reaches the provider, and whoever asks hears what is allowed.
/// </summary>
public sealed class AccessTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Embeddings = "/openai/v1/embeddings";

    /// <summary>AI Proxy's own rules, for everybody; others for a domain and a person.</summary>
    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Access:*:Endpoints:0"] = "GET /openai/v1/models";
        settings["AiPipe:Access:*:Endpoints:1"] = "POST /openai/v1/embeddings";
        settings["AiPipe:Access:*:Endpoints:2"] = "post  /OpenAI/v1/chat/completions";
        settings["AiPipe:Access:*:Models:0"] = "gpt-4o-mini";
        settings["AiPipe:Access:*:Models:1"] = "text-embedding-3*";
        settings["AiPipe:Access:*:Streaming"] = "false";
        settings["AiPipe:Access:@staff.example:Endpoints:0"] = "* /geminiv1beta/*";
        settings["AiPipe:Access:bob@staff.example:Models:0"] = "gpt-4.1*";
    }

    [Theory]
    [InlineData(Chat, "gpt-4o-mini")]
    [InlineData(Chat, "gpt-4o-mini-2024-07-18")]
    [InlineData(Embeddings, "text-embedding-3-small")]
    [InlineData(Embeddings, "text-embedding-3-large")]
    public async Task What_is_listed_passes(string path, string model)
    {
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(path, model)).StatusCode);
        Assert.Single(Provider.Seen);
    }

    [Theory]
    [InlineData(Chat, "gpt-4o")]
    [InlineData(Chat, "gpt-4o-mini-audio-preview")]
    [InlineData(Chat, "chatgpt-4o-latest")]
    [InlineData(Embeddings, "text-embedding-ada-002")]
    public async Task Other_models_are_refused_with_what_is_allowed(string path, string model)
    {
        using var response = await CallAsync(path, model);
        Assert.Equal((HttpStatusCode.Forbidden, "model_not_allowed"), (response.StatusCode, await response.CodeAsync()));
        Assert.Equal($"The model {model} is not allowed for you. These are: gpt-4o-mini, text-embedding-3*", (await response.JsonAsync())
            .GetProperty("message").GetString());
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("POST", "/openai/v1/responses")]
    [InlineData("POST", "/openai/v1/completions")]
    [InlineData("GET", "/openai/v1/models/gpt-4o-mini")]
    [InlineData("GET", "/gemini/models")]
    [InlineData("POST", "/openrouter/v1/chat/completions")]
    public async Task Other_endpoints_are_refused_with_what_is_allowed(string method, string path)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = method == "POST" ? Body("gpt-4o-mini") : null };
        using var response = await SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("\"endpoint_not_allowed\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith("These are: GET /openai/v1/models, POST /openai/v1/embeddings, POST /openai/v1/chat/completions",
            (await response.JsonAsync()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Who_may_get_may_head(string method)
    {
        using var request = new HttpRequestMessage(new(method), "/openai/v1/models");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Streams_are_refused_where_they_are_not_allowed()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","stream":true,"messages":[]}"""));
        Assert.Equal((HttpStatusCode.Forbidden, "streaming_not_allowed"), (response.StatusCode, await response.CodeAsync()));
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Most_specific_name_wins_whole()
    {
        // Of a domain: all of Gemini, streams too; nothing of OpenAI.
        using var gemini = new HttpRequestMessage(HttpMethod.Post, "/gemini/models/gemini-2.0-flash:streamGenerateContent") { Content = new StringContent("""{"contents":[]}""", new MediaTypeHeaderValue("application/json")) };
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(gemini, "amy@staff.example")).StatusCode);
        Assert.Equal("endpoint_not_allowed", await (await CallAsync(Chat, "gpt-4o-mini", "amy@staff.example")).CodeAsync());

        // Of a person: every endpoint, streams, but one family of models.
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, "gpt-4.1-nano", "bob@staff.example")).StatusCode);
        Assert.Equal("model_not_allowed", await (await CallAsync(Chat, "gpt-4o-mini", "bob@staff.example")).CodeAsync());
    }

    [Fact]
    public async Task Similarity_is_allowed_where_its_call_of_embeddings_is()
    {
        const string Texts = """{"docs":["a"],"topics":["b"],"model":"text-embedding-ada-002"}""";
        Assert.Equal("model_not_allowed", await (await Gateway.Http.SendAsync(Gateway.Post("/similarity", Texts))).CodeAsync());
        Assert.Equal("endpoint_not_allowed",
            await (await Gateway.Http.SendAsync(Gateway.Post("/similarity", Texts, Gateway.Token("amy@staff.example")))).CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Fact]
    public async Task Who_brings_a_key_of_their_own_passes_unchecked()
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post("/openai/v1/files", """{"model":"gpt-4o"}""", "sk-of-the-caller"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Admin_changes_a_list_while_the_gateway_runs()
    {
        using var change = await Gateway.Http.SendAsync(Gateway.Post("/admin/settings",
            $$$"""{"path":["Access","{{{Gateway.User}}}"],"value":{"Models":["gpt-4o"],"Streaming":true}}""", Gateway.Token("admin@example.com")));
        Assert.Equal(HttpStatusCode.OK, change.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, "gpt-4o")).StatusCode);
        Assert.Equal("model_not_allowed", await (await CallAsync(Chat, "gpt-4o-mini")).CodeAsync());

        using var wrong = await Gateway.Http.SendAsync(Gateway.Post("/admin/settings",
            $$$"""{"path":["Access","{{{Gateway.User}}}"],"value":{"Endpoints":["POST /nowhere/v1/x"]}}""", Gateway.Token("admin@example.com")));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(Chat, "gpt-4o")).StatusCode);
    }

    private Task<HttpResponseMessage> CallAsync(string path, string model, string? email = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Body(model) }, email);

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? email = null)
    {
        request.Headers.Authorization = new("Bearer", Gateway.Token(email));
        return Gateway.Http.SendAsync(request);
    }

    private static StringContent Body(string model) =>
        new($$"""{"model":"{{model}}","input":"x","prompt":"x","messages":[]}""", new MediaTypeHeaderValue("application/json"));
}
