using System.Net;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using static AiPipe.Tests.Compatibility.Apisix.ApisixClient;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>What is done to routes on one replica, and calls through another.</summary>
public sealed class RouteReplicaTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    protected override void Configure(Dictionary<string, string?> settings) =>
        // Each look at the other replica is a call.
        (settings["ADMIN_API_KEY"], settings["AiPipe:Budgets:*:Limit"]) = (Key, "1000");

    [Fact]
    public async Task Calls_through_another_obey_within_seconds_what_is_made_changed_and_deleted_here()
    {
        await using var other = await Gateway.StartAsync(Database, Configure);
        Assert.Null(await AskedAsync(other));

        await Gateway.PutRouteAsync("1", Route());
        await BothAskAsync(other, "gpt-4o-mini 256");
        await Gateway.PutRouteAsync("1", Printed);
        await BothAskAsync(other, "gpt-4 512");
        using (var patched = await Gateway.ApisixAsync(HttpMethod.Patch, "/1", """{"plugins":{"ai-proxy":{"model":{"options":{"max_tokens":7}}}}}""")) Assert.True(patched.IsSuccessStatusCode);
        await BothAskAsync(other, "gpt-4 7");
        // The secret has crossed, too, sealed as it is between them.
        Assert.Equal("Bearer <some-token>", other.Provider.Seen.Last().Headers["Authorization"]);

        // From the other side, while a third begins with what there is.
        using (var patched = await other.ApisixAsync(HttpMethod.Patch, "/1", """{"plugins":{"ai-proxy":{"model":{"name":"gpt-4o"}}}}""")) Assert.True(patched.IsSuccessStatusCode);
        Assert.Equal("gpt-4o 7", await AskedAsync(other));
        await BothAskAsync(Gateway, "gpt-4o 7");
        await using (var late = await Gateway.StartAsync(Database, Configure)) Assert.Equal("gpt-4o 7", await AskedAsync(late));

        using (var deleted = await Gateway.ApisixAsync(HttpMethod.Delete, "/1")) Assert.True(deleted.IsSuccessStatusCode);
        await BothAskAsync(other, expected: null);
    }

    /// <summary>This one at once, the other in a moment.</summary>
    private async Task BothAskAsync(Gateway other, string? expected)
    {
        if (other != Gateway) Assert.Equal(expected, await AskedAsync(Gateway));
        await Eventually.TrueAsync(
            async () => await AskedAsync(other) == expected, $"the other replica asking for {expected ?? "nothing"}");
    }

    /// <summary>
    /// The model, and how many tokens of it, that a call through a replica makes it ask for; <c>null</c> = there is no route.
    /// </summary>
    private static async Task<string?> AskedAsync(Gateway gateway)
    {
        using var response = await gateway.Http.SendAsync(gateway.Post("/anything", """{"messages":[{"role":"user","content":"Hi"}]}"""));
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var asked = JsonNode.Parse(gateway.Provider.Seen.Last().Text)!;
        return $"{asked["model"]} {asked["max_tokens"]}";
    }
}
