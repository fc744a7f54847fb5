using System.Text;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Callers;

public sealed class CallerAuthenticationTests
{
    private const string Key = "sk-own";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly TokenOptions Options = new()
    {
        Secret = "secret"u8.ToArray(),
        Salts = new Dictionary<string, string>(StringComparer.Ordinal) { ["salty@example.com"] = "the-salt" },
        Admins = new HashSet<string>(StringComparer.Ordinal) { "admin@example.com" },
    };

    private static readonly RevokedGrants Revoked = new();

    private static readonly string Ann = Token("""{"email":"ann@example.com"}""");

    // In each header, T stands for a token, and headers are parted by bars.
    [Theory]
    [InlineData("Authorization: Bearer T")]
    [InlineData("Authorization: bearer T")]
    [InlineData("Authorization: BEARER   T  ")]
    [InlineData("Authorization: T")]
    [InlineData("x-goog-api-key: T")]
    [InlineData("X-Goog-Api-Key: Bearer T")]
    [InlineData("x-api-key: T")]
    [InlineData("Authorization: |x-api-key: T")]
    [InlineData("Authorization: Bearer|x-goog-api-key: T")]
    [InlineData("Authorization: Bearer |x-api-key: T")]
    [InlineData("Authorization: Bearer T|x-goog-api-key: sk-other|x-api-key: sk-third")]
    [InlineData("x-api-key: sk-third|x-goog-api-key: T")]
    public async Task Token_is_found_in(string headers)
    {
        Assert.Equal(new Caller.User("ann@example.com", IsAdmin: false, Allowance: null),
            (await IdentifyAsync(headers.Replace("T", Ann, StringComparison.Ordinal))).Caller);
        Assert.Equal(Key, Assert.IsType<Caller.Byok>((await IdentifyAsync(headers.Replace("T", Key, StringComparison.Ordinal))).Caller)
            .Key);
    }

    [Theory]
    [InlineData("", "token_missing")]
    [InlineData("Authorization: ", "token_missing")]
    [InlineData("Authorization: Bearer", "token_missing")]
    [InlineData("Authorization: Bearer   ", "token_missing")]
    [InlineData("Cookie: T", "token_missing")]
    [InlineData("Proxy-Authorization: Bearer T", "token_missing")]
    [InlineData("Authorization: Basic T", "token_invalid")]
    [InlineData("Authorization: BearerT", "token_invalid")]
    [InlineData("Authorization: T, T", "token_invalid")]
    [InlineData("Authorization: T|Authorization: T", "token_invalid")]
    // The first place that has something decides: a wrong token is not tried elsewhere
    [InlineData("Authorization: Bearer wrong|x-api-key: T", "token_invalid")]
    [InlineData("Authorization: Bearer sk-cfw123", "token_invalid")]
    [InlineData("Authorization: Bearer SK-own", "token_invalid")]
    [InlineData("Authorization: Bearer hunter2", "token_invalid")]
    [InlineData("Authorization: Bearer a.b.c", "token_invalid")]
    // Two dots make it a token of ours, whatever it begins with
    [InlineData("Authorization: Bearer sk-a.b.c", "token_invalid")]
    public async Task No_caller_is_found_in(string headers, string code)
    {
        var (caller, refusal) = await IdentifyAsync(headers.Replace("T", Ann, StringComparison.Ordinal));
        Assert.Null(caller);
        Assert.Equal((401, code), (refusal!.Status, refusal.Code));
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "?key=T", true)]
    [InlineData("", "?alt=sse&KEY=T", true)]
    [InlineData("", "?k%65y=T", true)]
    [InlineData("Authorization: Bearer", "?key=T", true)]
    [InlineData("", "?keys=T", false)]
    [InlineData("", "?key=", false)]
    public async Task Query_may_carry_it_for_Gemini_only(string headers, string query, bool found)
    {
        var request = Request(headers, query.Replace("T", Ann, StringComparison.Ordinal));
        Assert.Equal(found, (await Authentication().IdentifyAsync(request, keyInQuery: true)).Caller is Caller.User);
        Assert.Equal("token_missing", (await Authentication().IdentifyAsync(request)).Refusal?.Code);
    }

    [Theory]
    [InlineData("""{"email":" Ann@Example.com "}""", "ann@example.com")]
    [InlineData("""{"email":"admin@example.com"}""", "admin@example.com admin")]
    [InlineData("""{"email":"ADMIN@example.com","aud":"https://app"}""", "admin@example.com https://app  1")]
    [InlineData("""{"email":"ann@example.com","aud":"https://app","limit":0.5,"days":7}""", "ann@example.com https://app 0.5 7")]
    [InlineData("""{"email":"ann@example.com","aud":"https://app","limit":0,"days":3660}""", "ann@example.com https://app 0 3660")]
    // Limited without an app: an allowance of its own, and no admin.
    [InlineData("""{"email":"ann@example.com","limit":0.5,"days":7}""", "ann@example.com token 0.5 7")]
    [InlineData("""{"email":"admin@example.com","limit":0}""", "admin@example.com token 0 1")]
    [InlineData("""{"email":"ann@example.com","days":7}""", "ann@example.com")]
    [InlineData("""{"email":"salty@example.com","salt":"the-salt"}""", "salty@example.com")]
    [InlineData("""{"email":"ann@example.com","salt":"of nobody"}""", "ann@example.com")]
    [InlineData("""{"email":"ann@example.com","exp":1795262401,"nbf":1795262400}""", "ann@example.com")]
    public async Task Payload_names(string payload, string words)
    {
        var user = Assert.IsType<Caller.User>((await IdentifyAsync("Authorization: " + Token(payload))).Caller);
        Assert.Equal(words, $"{user.Email}{(user.IsAdmin ? " admin" : "")}{(user.Allowance is { } slice ? $" {slice.Origin} {slice.Limit} {slice.Days}" : "")}");
    }

    [Theory]
    [InlineData("{}", "token_invalid")]
    [InlineData("""{"email":""}""", "token_invalid")]
    [InlineData("""{"email":"a\u0000@b"}""", "token_invalid")]
    [InlineData("""{"email":["ann@example.com"]}""", "token_invalid")]
    [InlineData("null", "token_invalid")]
    [InlineData("""{"email":"ann@example.com","exp":1795262400}""", "token_expired")]
    [InlineData("""{"email":"ann@example.com","exp":-1}""", "token_expired")]
    [InlineData("""{"email":"ann@example.com","nbf":1795262401}""", "token_invalid")]
    [InlineData("""{"email":"salty@example.com"}""", "token_revoked")]
    [InlineData("""{"email":"SALTY@example.com "}""", "token_revoked")]
    [InlineData("""{"email":"salty@example.com","salt":"The-salt"}""", "token_revoked")]
    [InlineData("""{"email":"ann@example.com","aud":"https://app","limit":-0.01}""", "token_invalid")]
    [InlineData("""{"email":"ann@example.com","aud":"https://app","days":0}""", "token_invalid")]
    [InlineData("""{"email":"ann@example.com","limit":-1,"days":1}""", "token_invalid")]
    [InlineData("""{"email":"ann@example.com","limit":1,"days":0}""", "token_invalid")]
    [InlineData("""{"email":"ann@example.com","aud":"https://app","days":3661}""", "token_invalid")]
    public async Task Payload_is_refused(string payload, string code) =>
        Assert.Equal(code, (await IdentifyAsync("Authorization: " + Token(payload))).Refusal?.Code);

    [Theory]
    [InlineData("https://app", true)]
    [InlineData("", true)]
    [InlineData("https://app.evil", false)]
    [InlineData("http://app", false)]
    [InlineData("null", false)]
    public async Task Token_of_an_app_stays_with_its_app(string origin, bool stays)
    {
        var headers = "Authorization: " + Token("""{"email":"ann@example.com","aud":"https://app"}""");
        Assert.Equal(stays, (await IdentifyAsync($"{headers}|Origin: {origin}")).Caller is not null);
        Assert.NotNull((await IdentifyAsync($"Authorization: {Ann}|Origin: {origin}")).Caller);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(""","jti":"of somebody else" """, false)]
    [InlineData(""","jti":"0193a4f0-0000-7000-8000-000000000001" """, false)]
    [InlineData(""","jti":"0193a4f0-0000-7000-8000-000000000002" """, true)]
    public async Task Token_of_a_revoked_grant_is_revoked(string jti, bool isRevoked)
    {
        Revoked.Add([new(Guid.Parse("0193a4f0-0000-7000-8000-000000000002"), Now.AddDays(1))], Now);
        var payload = $$"""{"email":"ann@example.com","aud":"https://app"{{jti}}}""";
        Assert.Equal(isRevoked ? "token_revoked" : null, (await IdentifyAsync("Authorization: " + Token(payload))).Refusal?.Code);
    }

    [Fact]
    public async Task Origin_of_an_app_has_300_letters_at_most()
    {
        Assert.NotNull((await IdentifyAsync("Authorization: " + Token($$"""{"email":"a@b","aud":"{{new string('a', 300)}}"}"""))).Caller);
        Assert.NotNull((await IdentifyAsync("Authorization: " + Token($$"""{"email":"a@b","aud":"{{new string('a', 301)}}"}"""))).Refusal);
    }

    [Fact]
    public async Task Own_keys_can_be_turned_off()
    {
        var closed = new CallerAuthentication(
            new Monitor(new TokenOptions { Secret = Options.Secret, AcceptOwnKeys = false }), new RevokedGrants(), new PersonStates(),
            new ApiKeyCache(), new Clock());
        foreach (var key in (string[])[Key, "AIza-own"])
        {
            Assert.IsType<Caller.Byok>((await IdentifyAsync("Authorization: " + key)).Caller);
            Assert.Equal("own_key_refused", (await closed.IdentifyAsync(Request("Authorization: " + key))).Refusal?.Code);
        }
        Assert.NotNull((await closed.IdentifyAsync(Request("Authorization: " + Ann))).Caller);
    }

    [Theory]
    [InlineData("gemini", true)]
    [InlineData("openai", false)]
    [InlineData("demo", false)]
    public async Task Call_carries_its_caller_and_own_keys_buy_nothing_here(string name, bool keyInQuery)
    {
        var provider = KnownProviders.All.Single(provider => provider.Name == name);
        var call = new CallContext(Request("", "?key=" + Key).HttpContext, provider, "/models", Now);
        Assert.Equal(!keyInQuery, await new AuthenticationStage(Authentication()).AuthenticateAsync(call) is not null);
        Assert.Equal(keyInQuery, call.Caller is Caller.Byok);

        var withHeader = new CallContext(Request("x-api-key: " + Key).HttpContext, provider, "/models", Now);
        Assert.Equal(provider.IsBuiltIn ? "own_key_refused" : null,
            (await new AuthenticationStage(Authentication()).AuthenticateAsync(withHeader))?.Code);
    }

    [Fact]
    public void Own_key_is_never_printed() => Assert.DoesNotContain(Key, new Caller.Byok(Key).ToString(), StringComparison.Ordinal);

    private static ValueTask<Identification> IdentifyAsync(string headers) => Authentication().IdentifyAsync(Request(headers));

    private static CallerAuthentication Authentication() =>
        new(new Monitor(Options), Revoked, new PersonStates(), new ApiKeyCache(), new Clock());

    private static string Token(string payload) => Jwt.Sign(Encoding.UTF8.GetBytes(payload), Options.Secret);

    private static HttpRequest Request(string headers, string query = "")
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 2)..]);
            request.Headers.Append(name, value);
        }
        return request;
    }

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class Monitor(TokenOptions options) : IOptionsMonitor<TokenOptions>
    {
        public TokenOptions CurrentValue => options;
        public TokenOptions Get(string? name) => options;
        public IDisposable? OnChange(Action<TokenOptions, string?> listener) => null;
    }
}
