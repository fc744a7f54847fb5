
namespace AiPipe.Proxy.Errors;

/// <summary>Answers the methods that an endpoint does not take; without it they would be taken for calls to a provider of that name.</summary>
internal static class WrongMethods
{
    private static readonly (string Path, string Use)[] Endpoints =
        [("/usage", "GET /usage"), ("/token", "GET /token?credential= or POST /token"), ("/similarity", "POST /similarity")];

    public static IEndpointRouteBuilder MapWrongMethods(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, use) in Endpoints) routes.Map(path, () => new RefusalResult(Refusal.MethodNotAllowed(use)));
        return routes;
    }
}
