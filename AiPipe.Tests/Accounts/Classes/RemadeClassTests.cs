using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Classes;

/// <summary>A teacher does not raise the most that classes may spend by archiving one and making another.</summary>
public sealed class RemadeClassTests(PostgresFixture postgres, SharedGateway shared)
    : GatewayTest(postgres, shared), IClassFixture<SharedGateway>
{
    private string Teacher => Gateway.User.Replace("@", "@staff.", StringComparison.Ordinal);

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Roles:@staff.example.com"] = "teacher";
        settings["AiPipe:Classes:MostTogether"] = "0.001";
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(0.001, false)]
    [InlineData(0.0006, false)]
    [InlineData(0.0005, true)]
    public async Task What_archived_classes_spent_is_taken_from_the_next(double? together, bool isAllowed)
    {
        var id = (await MakeAsync(0.001)).Text("id");
        using (var join = await Gateway.SendAsync(
HttpMethod.Post, $"/classes/{id}/roster", Gateway.Token(Teacher), new { csv = "email\n" + Gateway.User }))
            Assert.True(join.IsSuccessStatusCode, await join.Content.ReadAsStringAsync());
        Assert.Null(await Gateway.CallAsync(Gateway.Token()));
        (await Gateway.SendAsync(HttpMethod.Delete, $"/classes/{id}", Gateway.Token(Teacher))).Dispose();

        using var next = await PostAsync(together);
        Assert.Equal(isAllowed ? HttpStatusCode.Created : HttpStatusCode.BadRequest, next.StatusCode);
    }

    [Fact]
    public async Task Archived_class_that_spent_nothing_takes_nothing()
    {
        for (var i = 0; i < 3; i++)
        {
            var id = (await MakeAsync(0.001)).Text("id");
            (await Gateway.SendAsync(HttpMethod.Delete, $"/classes/{id}", Gateway.Token(Teacher))).Dispose();
        }
        using var next = await PostAsync(0.001);
        Assert.Equal(HttpStatusCode.Created, next.StatusCode);
    }

    private async Task<JsonElement> MakeAsync(double together)
    {
        using var response = await PostAsync(together);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    private Task<HttpResponseMessage> PostAsync(double? together) => Gateway.SendAsync(HttpMethod.Post, "/classes", Gateway.Token(Teacher), new
    {
        name = "Physics",
        starts_on = TestClock.UtcToday.ToString("O"),
        ends_on = TestClock.UtcToday.AddDays(10).ToString("O"),
        limit = 2,
        together_limit = together,
    });
}
