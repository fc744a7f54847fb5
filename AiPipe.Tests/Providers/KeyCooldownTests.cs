using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Providers;

/// <summary>Which key of a provider is tried first.</summary>
public sealed class KeyCooldownTests
{
    private static readonly KeyOutcome Success = new(200, IsRejected: false, RetryAfter: null);

    private readonly StillClock _clock = new();
    private readonly Provider _provider = new()
    {
        Name = "p",
        Dialect = Dialect.OpenAi,
        BaseUrl = new("https://api.example"),
        TelemetryName = "p",
        Credentials = [new("a"), new("b"), new("c")],
    };

    private readonly CredentialRotation _rotation;

    public KeyCooldownTests() => _rotation = new CredentialRotation(_clock);

    [Theory]
    [InlineData(401, true, null, 300)]
    [InlineData(403, true, null, 300)]
    [InlineData(200, true, null, 300)]
    [InlineData(429, false, 7, 7)]
    [InlineData(429, false, null, 5)]
    [InlineData(429, false, 86_400, 300)]
    [InlineData(503, false, 20, 20)]
    [InlineData(500, false, null, 0)]
    [InlineData(null, false, null, 0)]
    [InlineData(429, false, -5, 0)]
    [InlineData(400, false, 60, 0)]
    [InlineData(200, false, null, 0)]
    public void Cooldown_after_one_call(int? status, bool isRejected, int? retryAfter, int seconds)
    {
        var key = _provider.Credentials[0];
        _rotation.Note(key, new KeyOutcome(status, isRejected, retryAfter is { } wait ? TimeSpan.FromSeconds(wait) : null));

        var now = _clock.GetUtcNow();
        Assert.Equal(seconds == 0 ? null : now.AddSeconds(seconds), key.CoolsUntil(now));
        Assert.Null(key.CoolsUntil(now.AddSeconds(seconds)));
    }

    [Fact]
    public void Failures_in_a_row_have_growing_cooldowns_until_a_call_succeeds()
    {
        var key = _provider.Credentials[0];
        int[] seconds = [0, 0, 5, 10, 20, 40, 80, 160, 300, 300];
        foreach (var expected in seconds)
        {
            _rotation.Note(key, new KeyOutcome(503, IsRejected: false, RetryAfter: null));
            Assert.Equal(expected, (int)((key.CoolsUntil(_clock.GetUtcNow()) - _clock.GetUtcNow())?.TotalSeconds ?? 0));
        }
        _rotation.Note(key, Success);
        Assert.Null(key.CoolsUntil(_clock.GetUtcNow()));
        _rotation.Note(key, new KeyOutcome(503, IsRejected: false, RetryAfter: null));
        Assert.Null(key.CoolsUntil(_clock.GetUtcNow()));
    }

    [Fact]
    public void Shorter_cooldown_does_not_end_a_longer_one()
    {
        var key = _provider.Credentials[0];
        _rotation.Note(key, new KeyOutcome(401, IsRejected: true, RetryAfter: null));
        _rotation.Note(key, new KeyOutcome(429, IsRejected: false, TimeSpan.FromSeconds(1)));
        Assert.Equal(_clock.GetUtcNow().AddMinutes(5), key.CoolsUntil(_clock.GetUtcNow()));
    }

    [Fact]
    public void Cooling_keys_come_last_and_of_them_the_one_that_is_available_first()
    {
        _rotation.Note(_provider.Credentials[0], new KeyOutcome(429, IsRejected: false, TimeSpan.FromSeconds(60)));
        _rotation.Note(_provider.Credentials[1], new KeyOutcome(429, IsRejected: false, TimeSpan.FromSeconds(30)));
        for (var i = 0; i < 3; i++) Assert.Equal(["c", "b", "a"], _rotation.Order(_provider).Select(static key => key.Key));
    }
}
