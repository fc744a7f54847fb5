using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Chaos;

/// <summary>What was spent outlives the process.</summary>
public sealed class RestartTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Restart_keeps_usage_and_the_budget_goes_on_from_it()
    {
        var database = await postgres.NewDatabaseAsync();
        await using (var first = await Gateway.StartAsync(database))
            await first.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");

        await using var second = await Gateway.StartAsync(database);
        Assert.Equal(0.00045m, await second.SpentAsync());
        await second.OpenAi().GetChatClient("gpt-4o-mini").CompleteChatAsync("Hi");
        Assert.Equal(0.0009m, await second.SpentAsync());
    }
}
