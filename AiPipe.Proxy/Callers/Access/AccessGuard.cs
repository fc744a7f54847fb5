using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>Refuses endpoints and models that the operator does not allow. BYOK callers are not checked.</summary>
internal sealed class AccessGuard(IOptionsMonitor<AccessOptions> options)
{
    /// <summary>Checks the endpoint before the body is read.</summary>
    /// <param name="path">The path below the provider's name.</param>
    public Refusal? RefuseEndpoint(Caller caller, string provider, string method, string path)
    {
        if (RuleFor(caller)?.Endpoints is not { } endpoints) return null;
        // GET includes HEAD, as everywhere else.
        if (HttpMethods.IsHead(method)) method = HttpMethods.Get;
        foreach (var endpoint in endpoints)
            if (endpoint.Covers(method, provider, path)) return null;
        return Refusal.EndpointNotAllowed($"{method} /{provider}{path}", string.Join(", ", endpoints));
    }

    /// <summary>Checks the model and streaming once the body is read.</summary>
    public Refusal? RefuseModel(Caller caller, CallTarget target, bool streams)
    {
        if (RuleFor(caller) is not { } rule) return null;
        if (streams && !rule.Streaming) return Refusal.StreamingNotAllowed();
        if (rule.Models is not { } models) return null;
        foreach (var (_, name) in models)
            if (name.Covers(target.Model, target.Family)) return null;
        return Refusal.ModelNotAllowed(
            $"The model {target.Model} is not allowed for you. These are: {string.Join(", ", models.Select(model => model.Written))}");
    }

    private AccessRule? RuleFor(Caller caller) => caller is Caller.User user ? options.CurrentValue.RuleOf(user.Email) : null;
}
