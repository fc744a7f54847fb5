using System.Net;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Routing.Models;

public sealed class ModelsTests(PostgresFixture postgres) : GatewayTest(postgres)
{
    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Providers:mine:BaseUrl"] = settings["AiPipe:Providers:openai:BaseUrl"];
        settings["AiPipe:Providers:mine:Keys:0"] = "k";
        settings["AiPipe:Prices:mine:my-\"model\"<b>:Input"] = "1";
        settings["AiPipe:Prices:mine:my-\"model\"<b>:Output"] = "2";
        settings["AiPipe:Prices:openai:gpt-4o-mini:Free"] = "true";
        settings.Remove("AiPipe:Providers:openrouter:Keys:0");
    }

    [Fact]
    public async Task Every_listed_model_can_be_called_at_its_price_and_providers_without_keys_are_left_out()
    {
        var models = (await Gateway.GetJsonAsync("/models")).GetProperty("data").EnumerateArray().ToList();
        var byName = models.ToDictionary(model => (model.Text("provider"), model.Text("id")));

        Assert.Equal(["demo", "gemini", "mine", "openai"], models.Select(model => model.Text("provider")).Distinct());
        var mine = byName[("mine", "my-\"model\"<b>")];
        Assert.Equal(("/mine/v1", "openai", 1m, 2m),
            (mine.Text("base"), mine.Text("dialect"), mine.GetProperty("price").GetProperty("input").GetDecimal(), mine.GetProperty("price")
            .GetProperty("output").GetDecimal()));
        Assert.False(mine.TryGetProperty("context", out _));
        Assert.True(byName[("openai", "gpt-4o-mini")].GetProperty("free").GetBoolean());
        var gpt = byName[("openai", "gpt-4o")];
        Assert.Equal((128_000, false, "[\"text\",\"image\"]"),
            (gpt.GetProperty("context").GetInt32(), gpt.GetProperty("free").GetBoolean(), gpt.GetProperty("input").GetRawText()));
        Assert.Equal("[\"embedding\"]", byName[("openai", "text-embedding-3-small")].GetProperty("output").GetRawText());
        Assert.Equal(("/gemini", "gemini"),
            (byName[("gemini", "gemini-2.5-flash")].Text("base"), byName[("gemini", "gemini-2.5-flash")].Text("dialect")));
        Assert.All(models, model =>
            Assert.True(model.GetProperty("free").GetBoolean() || model.GetProperty("price").GetProperty("input")
            .GetDecimal() + model.GetProperty("price").GetProperty("output").GetDecimal() > 0));
        // Pictures by the piece are not metered.
        Assert.DoesNotContain(("openai", "dall-e-3"), byName.Keys);
    }

    [Fact]
    public async Task Who_has_the_list_is_told_that_it_is_the_same()
    {
        using var first = await Gateway.SendAsync(HttpMethod.Get, "/models", Gateway.Token());
        using var again = new HttpRequestMessage(HttpMethod.Get, "/models");
        again.Headers.TryAddWithoutValidation("Authorization", Gateway.Token("bob@example.com"));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await Gateway.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());

        using var nobody = await Gateway.Http.GetAsync("/models");
        Assert.Equal("token_missing", await nobody.CodeAsync());
        using var post = await Gateway.SendAsync(HttpMethod.Post, "/models", Gateway.Token());
        Assert.Equal("method_not_allowed", await post.CodeAsync());
    }
}
