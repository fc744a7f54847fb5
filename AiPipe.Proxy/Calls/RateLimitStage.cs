using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;

namespace AiPipe.Proxy.Calls;

/// <summary>Enforces rate limits. A refused call takes nothing from any bucket.</summary>
internal sealed class RateLimitStage(RateLimitResolver limits, IRateLimiter limiter)
{
    /// <summary>Takes one request and the input tokens from every bucket of the call. Skips callers with a BYOK key.</summary>
    public ValueTask<Refusal?> TakeAsync(CallContext call) =>
        limits.LimitsCalls && call.Caller is Caller.User caller ? TakeAsync(call, caller) : default;

    /// <summary>Refuses a call over a rate limit of its caller, app or provider before its body is read. Takes no permit.</summary>
    public async ValueTask<Refusal?> PeekAsync(CallContext call)
    {
        if (!limits.LimitsCalls || call.Caller is not Caller.User caller) return null;
        var shared = limits.SharedScopesOf(call.Target, isPriced: false, caller.Allowance);
        RateScope[] scopes = limits.OwnScopeOf(caller.Email) is { } own ? [own, .. shared] : [.. shared];
        if (scopes.Length == 0) return null;
        var take = await limiter.PeekAsync(scopes);
        return take.IsTaken ? null : Refused(scopes[take.Refused], take);
    }

    /// <summary>Takes them from the bucket of one of our keys, after returning those of the previous key.</summary>
    public ValueTask<Refusal?> TakeAsync(CallContext call, ProviderCredential credential) =>
        limits.LimitsKeys && limits.KeyScopeOf(call.Provider, credential) is { } scope ? TakeKeyAsync(call, scope) : default;

    /// <summary>Corrects the buckets by the actual usage. Does not wait.</summary>
    public static void Settle(CallContext call)
    {
        if (call.Rates is not { } rates) return;
        var used = TokensUsed(call);
        rates.Callers?.Settle(used);
        rates.Key?.Settle(used);
        (rates.Callers, rates.Key) = (null, null);
    }

    private async ValueTask<Refusal?> TakeAsync(CallContext call, Caller.User caller)
    {
        var own = limits.OwnScopeOf(caller.Email);
        RateScope[] scopes = own is null
            ? [.. limits.SharedScopesOf(call.Target, call.Price is not null, caller.Allowance)]
            : [own, .. limits.SharedScopesOf(call.Target, call.Price is not null, caller.Allowance)];
        if (scopes.Length == 0) return null;
        var rates = call.Rates = new CallRates();
        var (take, refusal) = await TakeAsync(scopes, TokensAsked(call));
        if (own is not null && take is not null) rates.Own = (own.Limit, take.Levels[0]);
        if (refusal is null) rates.Callers = new RateReservation(scopes, TokensAsked(call), take!.By);
        return refusal;
    }

    private async ValueTask<Refusal?> TakeKeyAsync(CallContext call, RateScope scope)
    {
        var rates = call.Rates ??= new CallRates();
        rates.Key?.Settle(0);
        rates.Key = null;
        var (take, refusal) = await TakeAsync([scope], TokensAsked(call));
        if (refusal is null) rates.Key = new RateReservation([scope], TokensAsked(call), take!.By);
        return refusal;
    }

    private async ValueTask<(RateTake? Take, Refusal? Refusal)> TakeAsync(RateScope[] scopes, long tokens)
    {
        if (Array.Find(scopes, scope => scope.Limit.Tokens > 0 && tokens > scope.Limit.Tokens) is { } small)
            return (null, Refusal.RateLimited(
                $"The request has about {tokens} tokens: more than the {small.Limit.Tokens} a minute of {small.Name}. Shorten it.",
                retryAfter: null));
        var take = await limiter.TakeAsync(scopes, tokens);
        return (take, take.IsTaken ? null : Refused(scopes[take.Refused], take));
    }

    private static Refusal Refused(RateScope scope, RateTake take)
    {
        var wait = TimeSpan.FromMilliseconds(take.Wait);
        var limit = take.ForTokens ? $"{scope.Limit.Tokens} tokens" : $"{scope.Limit.Requests} requests";
        return Refusal.RateLimited(
            $"The rate limit of {scope.Name} is reached: {limit} a minute. Try again in {RateHeaders.Duration(take.Wait)}.", wait);
    }

    /// <summary>The estimated input tokens. The output is unknown, and a stated limit must not delay the call.</summary>
    private static long TokensAsked(CallContext call) =>
        call.Endpoint.IsMetered ? Math.Min(call.Body.InputTokensLikely, call.Body.InputTokensAtMost ?? long.MaxValue) : 0;

    private static long TokensUsed(CallContext call)
    {
        if (!call.Endpoint.IsMetered || call.Progress is UpstreamProgress.NotSent or UpstreamProgress.Rejected) return 0;
        return (call.Usage?.Input ?? TokensAsked(call)) + (call.Usage?.Output ?? call.UsageReader?.Output.LikelyTokens ?? 0);
    }
}
