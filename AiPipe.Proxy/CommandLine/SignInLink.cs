using AiPipe.Proxy.Accounts.People;

namespace AiPipe.Proxy.CommandLine;

/// <summary>Creates one-time sign-in links at the command line. The audit trail names <c>operator</c> as their author.</summary>
internal static class SignInLink
{
    private const string Operator = "operator";

    /// <summary>Creates a link that signs a person in once, within <see cref="SignInLinks.Life"/>.</summary>
    public static async Task<string> CreateAsync(IServiceProvider services, string email, Uri address, CancellationToken cancellationToken)
    {
        var (code, _) = await services.GetRequiredService<PeopleAdministration>().LinkAsync(Operator, email, cancellationToken);
        return SignInLinks.AddressOf(address.GetLeftPart(UriPartial.Path), code);
    }
}
