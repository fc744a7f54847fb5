using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Accounts.SignIn;

/// <summary>A site that shows the public half of a key as Google does, for the tests of a class.</summary>
public sealed class GoogleSite : IAsyncLifetime
{
    private FeatureHost _site = null!;

    internal GoogleKey Key { get; } = new();

    public async ValueTask InitializeAsync() => _site = await FeatureHost.StartSiteAsync(http => http.Response.WriteAsync(Key.KeySet));

    /// <summary>Lets people sign in with what <see cref="Key"/> signs.</summary>
    public void Configure(Dictionary<string, string?> settings)
    {
        settings["GOOGLE_CLIENT_ID"] = GoogleClaims.OurClient;
        settings["AiPipe:Logins:GoogleCertificatesUrl"] = _site.Address + "/certs";
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        Key.Dispose();
    }
}
