using System.Net;
using AiPipe.Proxy.Edge;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.Edge;

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
    public async Task Only_proxies_that_are_known_name_the_caller(string connected, string forwarded, string caller)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddLogLines(new LogLines());
        builder.Configuration.AddInMemoryCollection([new("AiPipe:Server:KnownProxies:0", "10.0.0.0/8")]);
        builder.AddForwardedCallers();
        await using var app = builder.Build();
        app.Use((http, next) =>
        {
            http.Connection.RemoteIpAddress = IPAddress.Parse(connected);
            return next(http);
        });
        app.UseForwardedHeaders();
        app.Run(http => http.Response.WriteAsync($"{http.Connection.RemoteIpAddress} {http.Request.Scheme}"));
        await app.StartAsync();

        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single());
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        using var response = await client.SendAsync(request);

        Assert.Equal($"{caller} http", await response.Content.ReadAsStringAsync());
    }
}
