using AiPipe.Proxy.Features.People;

namespace AiPipe.Proxy.CommandLine;

/// <summary>A one-time link made at the command line; the audit trail names <c>operator</c> as its author.</summary>
internal static class SignInLink
{
    private const string Operator = "operator";

    /// <summary>Makes a link that signs a person in once, within <see cref="SignInLinks.Life"/>.</summary>
    public static async Task<string> CreateAsync(IServiceProvider services, string email, Uri address, CancellationToken cancellationToken)
    {
        var (code, _) = await services.GetRequiredService<PeopleAdministration>().LinkAsync(Operator, email, cancellationToken);
        return SignInLinks.AddressOf(address.GetLeftPart(UriPartial.Path), code);
    }
}
