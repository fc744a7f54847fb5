using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Calls.Telemetry;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Pipeline;

internal sealed class AuthenticationStage(CallerAuthentication callers)
{
    /// <summary>The first stage of the pipeline: sets <see cref="CallContext.Caller"/>.</summary>
    public async ValueTask<Refusal?> AuthenticateAsync(CallContext call)
    {
        using var span = StageSpans.Authenticate();
        if (call.Routed is { Route.Anonymous: { } budget } routed
            && PresentedToken.FromRequest(call.Http.Request, keyInQuery: false) is null)
        {
            call.Caller = new Caller.User(routed.AnonymousName, IsAdmin: false, Allowance: null) { Budget = budget };
            return null;
        }
        var (caller, refusal) = await callers.IdentifyAsync(call.Http.Request, call.Provider.Dialect.TakesKeyInQuery);
        if (caller is Caller.Byok && !call.Provider.AllowsByok) refusal = Refusal.OwnKeyRefused();
        if (caller is not null) call.Caller = caller;
        span.Refused(refusal);
        return refusal;
    }
}
