using System.Text;
using AiPipe.Proxy.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Callers;

/// <summary>A token that was accepted once is refused as soon as it must be.</summary>
public sealed class VerifiedTokensTests : TimeProvider, IOptionsMonitor<TokenOptions>, IAsyncLifetime
{
    private static readonly byte[] Secret = "secret"u8.ToArray();
    private static readonly string Token = Jwt.Sign("""{"email":" Ann@Example.com","salt":"s","exp":1000,"nbf":0}"""u8, Secret);

    private readonly CallerAuthentication _authentication;
    private TokenOptions _options = new() { Secret = Secret };
    private long _now = 999;

    public VerifiedTokensTests() =>
        _authentication = new CallerAuthentication(this, new RevokedGrants(), new PersonStates(), new ApiKeyCache(), this);

    public async ValueTask InitializeAsync()
    {
        Assert.Equal(User(isAdmin: false), (await IdentifyAsync()).Caller);
        Assert.Equal(User(isAdmin: false), (await IdentifyAsync()).Caller);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    TokenOptions IOptionsMonitor<TokenOptions>.CurrentValue => _options;

    [Fact]
    public async Task When_it_expires()
    {
        _now = 1000;
        Assert.Equal("token_expired", (await IdentifyAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task When_its_salt_changes()
    {
        _options = new()
        {
            Secret = Secret,
            Salts = new Dictionary<string,
            string>(StringComparer.Ordinal)
            { ["ann@example.com"] = "another" }
        };
        Assert.Equal("token_revoked", (await IdentifyAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task When_the_secret_changes_and_not_when_it_is_back()
    {
        _options = new() { Secret = "another"u8.ToArray() };
        Assert.Equal("token_invalid", (await IdentifyAsync()).Refusal?.Code);
        _options = new() { Secret = Secret };
        Assert.Equal(User(isAdmin: false), (await IdentifyAsync()).Caller);
    }

    [Fact]
    public async Task Who_becomes_an_admin_is_one_at_once()
    {
        _options = new() { Secret = Secret, Admins = new HashSet<string>(StringComparer.Ordinal) { "ann@example.com" } };
        Assert.Equal(User(isAdmin: true), (await IdentifyAsync()).Caller);
    }

    [Fact]
    public async Task One_with_another_signature_is_not_taken_for_it() =>
        Assert.Equal("token_invalid", (await IdentifyAsync(Token[..^5] + (Token[^5] == 'A' ? 'B' : 'A') + Token[^4..])).Refusal?.Code);

    [Fact]
    public async Task However_many_there_are_each_is_its_own()
    {
        for (var i = 0; i < 5000; i++)
        {
            var token = Jwt.Sign(Encoding.UTF8.GetBytes($$"""{"email":"user{{i}}@example.com"}"""), Secret);
            Assert.Equal($"user{i}@example.com", Assert.IsType<Caller.User>((await IdentifyAsync(token)).Caller).Email);
        }
    }

    [Fact]
    public async Task A_known_token_is_found_without_allocating()
    {
        var tokens = new VerifiedTokens();
        Assert.NotNull(await tokens.FindAsync(Token, Secret));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Assert.NotNull(await tokens.FindAsync(Token, Secret));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(_now);

    TokenOptions IOptionsMonitor<TokenOptions>.Get(string? name) => _options;

    IDisposable? IOptionsMonitor<TokenOptions>.OnChange(Action<TokenOptions, string?> listener) => null;

    private static Caller.User User(bool isAdmin) => new("ann@example.com", isAdmin, Allowance: null);

    private ValueTask<Identification> IdentifyAsync(string? token = null)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Authorization = token ?? Token;
        return _authentication.IdentifyAsync(request);
    }
}
