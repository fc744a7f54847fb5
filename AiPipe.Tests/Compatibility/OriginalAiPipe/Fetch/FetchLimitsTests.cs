using System.Net;
using AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Fetch;

/// <summary>How long, how large, how often and by whom.</summary>
public sealed class FetchLimitsTests : FetchTest
{
    [Fact]
    public async Task Site_that_does_not_answer_in_time_is_a_gateway_timeout()
    {
        Answer = static http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:Timeout"] = "00:00:00.3" });
        using var response = await FetchAsync(gateway, Site.Address);

        Assert.Equal((HttpStatusCode.GatewayTimeout, "fetch_timeout"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Answer_that_does_not_end_in_time_is_cut()
    {
        Answer = static async http =>
        {
            await http.Response.WriteAsync("first");
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:Timeout"] = "00:00:10" });
        using var response = await FetchAsync(gateway, Site.Address);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public async Task Answer_that_says_it_is_too_large_is_refused(int length, bool passes)
    {
        Answer = http =>
        {
            http.Response.ContentLength = length;
            return http.Response.Body.WriteAsync(new byte[length]).AsTask();
        };
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:MaxBytes"] = "2048" });
        using var response = await FetchAsync(gateway, Site.Address);

        if (passes) Assert.Equal(length, (await response.Content.ReadAsByteArrayAsync()).Length);
        else Assert.Equal((HttpStatusCode.BadGateway, "fetch_too_large"), (response.StatusCode, await response.CodeAsync()));
    }

    [Fact]
    public async Task Answer_that_grows_too_large_is_cut()
    {
        Answer = static async http =>
        {
            for (var i = 0; i < 3; i++)
            {
                await http.Response.Body.WriteAsync(new byte[1000]);
                await http.Response.Body.FlushAsync();
            }
        };
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:MaxBytes"] = "2048" });

        // Cut so hard that the head may get lost, too.
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var response = await FetchAsync(gateway, Site.Address);
            await response.Content.ReadAsByteArrayAsync();
        });
    }

    [Fact]
    public async Task Head_of_a_large_file_passes()
    {
        Answer = static http =>
        {
            http.Response.ContentLength = 1L << 40;
            return Task.CompletedTask;
        };
        using var response = await FetchAsync(Gateway, Site.Address, HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, 1L << 40), (response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Caller_who_fetches_too_often_is_told_when_to_come_back()
    {
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:PerMinute"] = "2" });
        for (var i = 0; i < 2; i++) (await FetchAsync(gateway, Site.Address)).EnsureSuccessStatusCode().Dispose();
        using var response = await FetchAsync(gateway, Site.Address);

        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (response.StatusCode, await response.CodeAsync()));
        Assert.Equal(30, response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData("false", HttpStatusCode.Unauthorized)]
    [InlineData("true", HttpStatusCode.OK)]
    public async Task Strangers_fetch_only_where_that_is_allowed(string anonymous, HttpStatusCode status)
    {
        await using var gateway = await StartGatewayAsync(new() { ["AiPipe:Fetch:Anonymous"] = anonymous });
        using var response = await gateway.Http.GetAsync($"{gateway.Address}/proxy/{Site.Address}");
        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData("intranet.example.com")]
    [InlineData("http://intranet.example.com:80")]
    [InlineData("intranet.example.com:80/path")]
    public async Task Allowed_host_that_is_not_a_host_and_port_stops_the_start(string entry)
    {
        var failure = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => FeatureHost.StartAsync(
            builder => builder.AddFetch(), routes => routes.MapFetch(), new() { ["AiPipe:Fetch:AllowedHosts:0"] = entry }));
        Assert.Contains("AiPipe:Fetch:AllowedHosts", failure.Message, StringComparison.Ordinal);
    }
}
