using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>
/// Refuses what the operator does not allow a person to call. Callers with a provider's key of their own spend nobody else's money: they
/// pass unchecked.
/// </summary>
internal sealed class AccessGuard(IOptionsMonitor<AccessOptions> options)
{
    /// <summary>Before the body is read: may the person call this endpoint?</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below the provider's name.</param>
    public Refusal? RefuseEndpoint(Caller caller, string provider, string method, string path)
    {
        if (RuleFor(caller)?.Endpoints is not { } endpoints) return null;
        // As everywhere else, who may GET may HEAD.
        if (HttpMethods.IsHead(method)) method = HttpMethods.Get;
        foreach (var endpoint in endpoints)
            if (endpoint.Covers(method, provider, path)) return null;
        return Refusal.EndpointNotAllowed($"{method} /{provider}{path}", string.Join(", ", endpoints));
    }

    /// <summary>Once the body is read and the model known to the price tables: may the person call this model, and have a stream?</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="target">The model.</param>
    /// <param name="streams">Whether the response is to be streamed.</param>
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
