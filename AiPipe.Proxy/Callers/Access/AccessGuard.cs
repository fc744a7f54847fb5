using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>
/// Refuses what the operator does not allow a person to call. Callers with a provider's key of their own spend nobody else's money: they
/// pass unchecked.
/// </summary>
internal sealed class AccessGuard(IOptionsMonitor<AccessOptions> options)
{
    /// <summary>Before the body is read: may the person call this endpoint?</summary>
    public Refusal? RefuseEndpoint(GatewayCall call)
    {
        if (RuleFor(call)?.Endpoints is not { } endpoints) return null;
        // As everywhere else, who may GET may HEAD.
        var method = HttpMethods.IsHead(call.Method) ? HttpMethods.Get : call.Method;
        foreach (var endpoint in endpoints)
            if (endpoint.Covers(method, call.Provider.Name, call.Path)) return null;
        return Refusal.EndpointNotAllowed($"{method} /{call.Provider.Name}{call.Path}", string.Join(", ", endpoints));
    }

    /// <summary>Once the body is read and the model known to the price tables: may the person call this model, and have a stream?</summary>
    public Refusal? RefuseModel(GatewayCall call)
    {
        if (!call.Endpoint.IsMetered || RuleFor(call) is not { } rule) return null;
        if (call.Body.Streams && !rule.Streaming) return Refusal.StreamingNotAllowed();
        if (rule.Models is not { } models) return null;
        foreach (var (_, name) in models)
            if (name.Covers(call.Body.Model, call.Price?.Family)) return null;
        return Refusal.ModelNotAllowed(
            $"The model {call.Body.Model} is not allowed for you. These are: {string.Join(", ", models.Select(model => model.Written))}");
    }

    private AccessRule? RuleFor(GatewayCall call) => call.Caller is Caller.User user ? options.CurrentValue.RuleOf(user.Email) : null;
}
