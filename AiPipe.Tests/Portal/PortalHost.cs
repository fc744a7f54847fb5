using AiPipe.Portal;
using AiPipe.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Portal;

/// <summary>The Portal inside another host's process, over real HTTP, beside an empty page of somebody else's app.</summary>
public sealed class PortalHost : IAsyncLifetime
{
    private WebApplication _app = null!;

    public Uri Address { get; private set; } = null!;
    public HttpClient Http { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.AddServiceDefaults();
        builder.AddPortal();
        _app = builder.Build();
        _app.MapPortal();
        _app.MapGet("/their-app", () => Results.Content("<!DOCTYPE html><title>Their app</title>", "text/html"));
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Address = new Uri(_app.Urls.Single());
        Http.BaseAddress = Address;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
