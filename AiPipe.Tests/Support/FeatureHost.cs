using AiPipe.Proxy.Callers;
using AiPipe.Proxy.RateLimits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.Support;

/// <summary>
/// One feature on a server of its own, without a database; or, without any feature, a site that answers as the test says.
/// </summary>
internal sealed class FeatureHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FeatureHost(WebApplication app) => (_app, Port) = (app, new Uri(app.Urls.Single()).Port);

    public int Port { get; }
    public string Address => $"http://127.0.0.1:{Port}";
    /// <summary>As it stands in <c>AiPipe:Fetch:AllowedHosts</c>.</summary>
    public string Place => $"127.0.0.1:{Port}";
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    public string Token => _app.Services.GetRequiredService<TokenIssuer>().Issue("ann@example.com");

    public static async Task<FeatureHost> StartAsync(
        Action<WebApplicationBuilder> add, Action<IEndpointRouteBuilder> map, Dictionary<string, string?> settings)
    {
        var builder = NewBuilder();
        builder.Configuration.AddInMemoryCollection(settings)
            .AddInMemoryCollection([new("AIPIPE_SECRET", "a-secret-of-these-tests-0123456789")]);
        // What a call takes of a limit does not come back while a test runs, however long that takes.
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IRateLimiter>(new MemoryRateLimiter(new StillClock()));
        builder.AddCallerAuthentication();
        add(builder);
        return await StartAsync(builder, app => map(app));
    }

    public static Task<FeatureHost> StartSiteAsync(RequestDelegate answer) => StartAsync(NewBuilder(), app => app.Run(answer));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private static async Task<FeatureHost> StartAsync(WebApplicationBuilder builder, Action<WebApplication> shape)
    {
        var app = builder.Build();
        shape(app);
        await app.StartAsync();
        return new FeatureHost(app);
    }
}
