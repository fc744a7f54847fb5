using System.Net;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Infrastructure;

/// <summary>Whom a request is taken to come from.</summary>
public sealed class ForwardedCallersTests
{
    [Theory]
    [InlineData("127.0.0.1", "203.0.113.5", "203.0.113.5")]
    [InlineData("::1", "203.0.113.5", "203.0.113.5")]
    [InlineData("::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5")]
    [InlineData("127.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "203.0.113.5, 127.0.0.1", "203.0.113.5")]
    [InlineData("10.1.2.3", "203.0.113.5", "203.0.113.5")]
    [InlineData("127.0.0.1", "203.0.113.5, 10.1.2.3", "203.0.113.5")]
    // What a caller writes stands before what the proxy adds.
    [InlineData("127.0.0.1", "127.0.0.1, 203.0.113.5", "203.0.113.5")]
    [InlineData("127.0.0.1", "198.51.100.9, 203.0.113.5", "203.0.113.5")]
    [InlineData("198.51.100.9", "203.0.113.5", "198.51.100.9")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    public Task Only_proxies_that_are_known_name_the_caller(string connected, string forwarded, string caller) =>
        AssertCallerAsync(connected, forwarded, caller, "AiPipe:Server:KnownProxies:0=10.0.0.0/8");

    [Theory]
    [InlineData("203.0.113.5", "203.0.113.5")]
    [InlineData("198.51.100.9, 203.0.113.5", "203.0.113.5")]
    public Task Platform_that_enables_forwarded_headers_names_the_caller_by_the_last_entry(string forwarded, string caller) =>
        AssertCallerAsync("10.1.2.3", forwarded, caller, "FORWARDEDHEADERS_ENABLED=true");

    [Fact]
    public Task Known_proxies_replace_the_trust_in_every_hop() =>
        AssertCallerAsync("10.1.2.3", "198.51.100.9, 203.0.113.5, 10.9.9.9", "203.0.113.5",
        "FORWARDEDHEADERS_ENABLED=true", "AiPipe:Server:KnownProxies:0=10.0.0.0/8");

    private static async Task AssertCallerAsync(string connected, string forwarded, string caller, params string[] settings)
    {
        // Host settings, as ASPNETCORE_FORWARDEDHEADERS_ENABLED is one.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. settings.Select(static setting => $"--{setting}")],
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddLogLines(new LogLines());
        builder.AddForwardedCallers();
        // First of all: the host adds the middleware of forwarded headers before ours where the platform enables it.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new ConnectedAddress(IPAddress.Parse(connected))));
        await using var app = builder.Build();
        app.UseForwardedCallers();
        app.Run(http => http.Response.WriteAsync($"{http.Connection.RemoteIpAddress} {http.Request.Scheme}"));
        await app.StartAsync();

        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single());
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        using var response = await client.SendAsync(request);

        Assert.Equal($"{caller} http", await response.Content.ReadAsStringAsync());
    }

    /// <summary>Gives every connection an address.</summary>
    private sealed class ConnectedAddress(IPAddress address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, following) =>
            {
                http.Connection.RemoteIpAddress = address;
                return following(http);
            });
            next(app);
        };
    }
}
