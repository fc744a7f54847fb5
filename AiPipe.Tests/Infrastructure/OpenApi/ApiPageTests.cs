using System.Collections.Concurrent;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Portal;

namespace AiPipe.Tests.Infrastructure.OpenApi;

/// <summary>The page of the API, in a real browser.</summary>
public sealed class ApiPageTests(PostgresFixture postgres, Browser browser) : GatewayTest(postgres)
{
    [Fact]
    public async Task It_shows_the_document_and_asks_no_other_origin()
    {
        var page = await browser.PageAsync();
        try
        {
            var (requests, complaints) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
            page.Request += (_, request) => requests.Enqueue(request.Url);
            page.Console += (_, message) =>
            {
                if (message.Type == "error") complaints.Enqueue(message.Text);
            };
            page.PageError += (_, error) => complaints.Enqueue(error);
            await page.GotoAsync(Gateway.Address + "/docs/api");
            await page.GetByText("A gateway to LLM providers").First.WaitForAsync();
            await page.GetByText("Create an API key").First.WaitForAsync();

            Assert.Contains(requests, request => request.EndsWith("/openapi/v1.json", StringComparison.Ordinal));
            Assert.All(requests, request => Assert.True(
                request.StartsWith(Gateway.Address + "/", StringComparison.Ordinal)
                    || request.StartsWith("data:", StringComparison.Ordinal) || request.StartsWith("blob:", StringComparison.Ordinal),
                        request));
            Assert.Empty(complaints);
        }
        finally
        {
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Its_policy_allows_no_other_origin()
    {
        using var response = await Gateway.Http.GetAsync(new Uri("/docs/api/", UriKind.Relative));
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self' 'nonce-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
    }
}
