using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Scenarios;

/// <summary>Who may call, with what, and where from.</summary>
public sealed class CallerTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Chat = "/openai/v1/chat/completions";
    private const string Hi = """{"model":"gpt-4o-mini","messages":[]}""";

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Salts:salty@example.com"] = "the-salt";
        settings["AiPipe:Providers:mine:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:demo:BaseUrl"] = "http://demo.invalid";
        settings["AiPipe:Providers:openai:Keys:1"] = "sk-second";
        settings["AiPipe:Providers:openai:Keys:2"] = "sk-third";
    }

    [Theory]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("Authorization", "bearer {0}")]
    [InlineData("Authorization", "{0}")]
    [InlineData("x-goog-api-key", "{0}")]
    [InlineData("x-api-key", "{0}")]
    public async Task Token_is_taken_from_every_header_that_clients_use(string header, string form)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, Chat)
        { Content = new StringContent(Hi, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation(header, string.Format(null, form, Gateway.Token()));
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(await Gateway.SpentAsync() > 0);
    }

    [Fact]
    public async Task Token_in_the_query_is_taken_on_gemini_paths_and_never_passed_on()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}""");
        using var content = new StringContent("""{"contents":[]}""", new MediaTypeHeaderValue("application/json"));
        using var response = await Gateway.Http.PostAsync(
            $"/gemini/models/gemini-2.0-flash:generateContent?key={Gateway.Token()}&alt=json", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("/v1beta/models/gemini-2.0-flash:generateContent?alt=json", Assert.Single(Provider.Seen).Target);
        using var elsewhere = await Gateway.Http.GetAsync($"/openai/v1/models?key={Gateway.Token()}");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    /// <summary>Tokens that the original issued: jose's SignJWT over {email} or {email, salt} with header {"alg":"HS256"}.</summary>
    [Theory]
    [InlineData("""{"alg":"HS256"}""", """{"email":"ann@example.com"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""", """{"email":"Ann@Example.com","iat":1700000000}""")]
    [InlineData("""{"alg":"HS256"}""", """{"email":"salty@example.com","salt":"the-salt"}""")]
    public async Task Tokens_of_the_original_keep_working(string header, string payload)
    {
        static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        var signature = System.Security.Cryptography.HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(Gateway.Secret), Encoding.ASCII.GetBytes(signed));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, $"{signed}.{Encode(signature)}"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Callers_own_key_passes_everywhere_as_it_is_without_budget_or_cost()
    {
        Provider.Answer = (http, _) => Answers.Json(http, """{"data":[]}""");
        using var request = Gateway.Post("/openai/v1/files?purpose=batch", "not json at all", "sk-of-the-caller");
        request.Headers.TryAddWithoutValidation("OpenAI-Organization", "org-of-the-caller");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var seen = Assert.Single(Provider.Seen);
        Assert.Equal("Bearer sk-of-the-caller", seen.Headers["Authorization"]);
        Assert.Equal("org-of-the-caller", seen.Headers["OpenAI-Organization"]);
        Assert.Equal("/v1/files?purpose=batch", seen.Target);
        Assert.Equal("not json at all", seen.Text);
        await Gateway.FlushAsync();
        Assert.Empty(await LedgerRowsAsync());
    }

    [Theory]
    [InlineData("/demo/v1/chat/completions")]
    [InlineData("/mine/v1/chat/completions")]
    public async Task Callers_own_key_is_refused_where_the_provider_may_not_check_it(string path)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(path, Hi, "sk-anything"));

        Assert.Equal("own_key_refused", await response.CodeAsync());
        Assert.Empty(Provider.Seen);
    }

    [Theory]
    [InlineData("/usage")]
    [InlineData("/admin/usage")]
    public async Task Callers_own_key_opens_nothing_of_ours(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", "sk-of-the-caller");
        using var response = await Gateway.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("own_key_refused", await response.CodeAsync());
    }

    [Fact]
    public async Task Apps_token_is_held_to_its_slice_and_its_origin()
    {
        var token = Jwt.Sign(
            Encoding.UTF8.GetBytes($$"""{"email":"{{Gateway.User}}","aud":"https://app.example","limit":0.00046,"days":1}"""), Encoding.UTF8.GetBytes(Gateway.Secret));
        using (var first = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","max_tokens":600,"messages":[]}""", token)))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","max_tokens":600,"messages":[]}""", token));
        Assert.Equal("budget_spent", await second.CodeAsync());

        // The user's own budget has room, and counts what the app spent.
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
        using var elsewhere = Gateway.Post(Chat, Hi, token);
        elsewhere.Headers.Add("Origin", "https://other.example");
        using var refused = await Gateway.Http.SendAsync(elsewhere);
        Assert.Equal("token_invalid", await refused.CodeAsync());
    }

    [Fact]
    public async Task Token_with_a_limit_spends_no_more_although_it_names_no_app()
    {
        var token = Jwt.Sign(
            Encoding.UTF8.GetBytes($$"""{"email":"{{Gateway.User}}","limit":0.00046,"days":1}"""), Encoding.UTF8.GetBytes(Gateway.Secret));
        using (var first = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","max_tokens":600,"messages":[]}""", token)))
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await Gateway.Http.SendAsync(Gateway.Post(Chat, """{"model":"gpt-4o-mini","max_tokens":600,"messages":[]}""", token));
        Assert.Equal("budget_spent", await second.CodeAsync());
        Assert.Equal(0.00045m, await Gateway.SpentAsync());
    }

    [Fact]
    public async Task Apps_token_with_an_endless_origin_is_refused_before_it_can_block_the_ledger()
    {
        var origin = "https://" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(1400));
        var payload = $$"""{"email":"ann@example.com","aud":"{{origin}}","limit":1,"days":1}""";
        var token = Jwt.Sign(Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(Gateway.Secret));
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, token));
        await Gateway.FlushAsync().WaitAsync(Eventually.Limit);

        Assert.Equal("token_invalid", await response.CodeAsync());
    }

    [Fact]
    public async Task Refused_key_is_set_aside_and_the_next_one_serves_the_call()
    {
        Provider.Answer = (http, seen) => seen.Headers["Authorization"] == $"Bearer {Gateway.ProviderKey}"
            ? Answers.Json(http, """{"error":{"message":"Incorrect API key provided: sk-provider-key-of-ours"}}""", 401)
            : Answers.Json(http, Answers.Chat(1000, 500));
        for (var i = 0; i < 6; i++)
        {
            using var response = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(6 * 0.00045m, await Gateway.SpentAsync());
        Assert.Single(Provider.Seen, seen => seen.Headers["Authorization"] == $"Bearer {Gateway.ProviderKey}");
    }

    [Fact]
    public async Task Web_pages_of_every_origin_may_call()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, Chat);
        preflight.Headers.Add("Origin", "https://page.example");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization, x-special");
        using var response = await Gateway.Http.SendAsync(preflight);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("GET, POST", response.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("authorization, x-special", response.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("86400", response.Headers.GetValues("Access-Control-Max-Age").Single());

        Provider.Answer = (http, _) =>
        {
            http.Response.Headers.AccessControlAllowOrigin = "https://provider.example";
            return Answers.Json(http, Answers.Chat(1, 1));
        };
        using var answer = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi));
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Expose-Headers").Single());
        using var refusal = await Gateway.Http.SendAsync(Gateway.Post(Chat, Hi, "nonsense"));
        Assert.Equal("*", refusal.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }
}
