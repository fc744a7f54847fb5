using System.Globalization;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Classes;

/// <summary>What members of a class may spend.</summary>
public sealed class ClassBudgetTests(PostgresFixture postgres) : ClassTest(postgres)
{
    /// <summary>Whose answer costs two cents at most.</summary>
    private const string Dear = "gpt-4o";
    private const int Long = 1500;
    private static readonly string[] Small = ["gpt-4o-mini"];

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings.AddBudget("@rich.example", 50, 1);
        settings.AddBudget("@none.example", 0, 7);
        settings.AddBudget("named@example.com", 0.001m, 7);
        settings["AiPipe:Classes:MostPerPerson"] = "100";
    }

    [Fact]
    public async Task Class_pays_for_its_members_on_every_replica_until_it_is_archived()
    {
        var taught = await MakeAsync();
        Assert.Equal(0.01m, await LimitAsync(There, Student));
        await EnrolAsync(taught, Student);
        Assert.Equal(5, await LimitAsync(Here, Student));
        await Eventually.TrueAsync(async () => await LimitAsync(There, Student) == 5, "the budget on the other replica");
        Assert.Null(await CallAsync(There, Student));

        Assert.Null(await CodeAsync(Here, HttpMethod.Delete, $"/classes/{taught.Text("id")}", Teacher));
        Assert.Equal(0.01m, await LimitAsync(Here, Student));
        await Eventually.TrueAsync(async () => await LimitAsync(There, Student) == 0.01m, "the end of it on the other replica");
    }

    [Fact]
    public async Task Class_that_has_not_begun_pays_nothing_yet()
    {
        var begins = Today.AddDays(1).ToString("O", CultureInfo.InvariantCulture);
        await EnrolAsync(await MakeAsync(Terms(5, ("starts_on", begins))), Student);
        Assert.Equal(0.01m, await LimitAsync(Here, Student));
    }

    [Theory]
    [InlineData("named@example.com", "0.001", "named@example.com")]
    [InlineData("ann@rich.example", "50", "@rich.example")]
    [InlineData("ann@none.example", "5", "class")]
    public async Task Only_what_is_more_takes_the_place_of_what_somebody_has(string email, string limit, string source)
    {
        await EnrolAsync(await MakeAsync(), email);
        Assert.Equal(decimal.Parse(limit, CultureInfo.InvariantCulture), await LimitAsync(Here, email));
        Assert.StartsWith(source, await SourceAsync(email), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_classes_the_one_with_most_pays_and_of_those_that_allow_the_model()
    {
        await EnrolAsync(await MakeAsync(Terms(2)), Student);
        var (narrow, other) = (await MakeAsync(Terms(9, ("models", Small))), await MakeAsync(Terms(3)));
        await EnrolAsync(narrow, Student);
        await EnrolAsync(other, Student);
        Assert.Equal(9, await LimitAsync(Here, Student));
        Assert.Null(await CallAsync(Here, Student));
        Assert.Null(await CallAsync(Here, Student, Dear, Long));
        Assert.Equal((1L, 1L), (await CallsAsync(narrow), await CallsAsync(other)));
    }

    [Fact]
    public async Task Model_that_the_class_does_not_pay_for_is_refused_where_the_person_has_nothing_else_for_it()
    {
        var models = Terms(5, ("models", Small));
        await EnrolAsync(await MakeAsync(models), $"{Student}\nann@none.example\nann@rich.example");
        Assert.Null(await CallAsync(Here, "ann@none.example"));
        Assert.Equal("model_not_allowed", await CallAsync(Here, "ann@none.example", Dear, Long));
        Assert.Null(await CallAsync(Here, "ann@rich.example", Dear, Long));

        // The cent that everybody has is theirs to spend as before; then it is gone, and the class's money is not for this.
        string? refusal = null;
        for (var i = 0; i < 20 && refusal is null; i++) refusal = await CallAsync(Here, Student, Dear, Long);
        Assert.Equal("model_not_allowed", refusal);
        Assert.Null(await CallAsync(Here, Student));
    }

    [Theory]
    [InlineData("gpt-4o-mini", "gpt-4o")]
    [InlineData("gpt-4o-mini", "gpt-4.1-mini")]
    [InlineData("gpt-4o*", "gpt-4.1-mini")]
    [InlineData("gpt-4o-mini,gpt-4.1-mini", "o3-mini")]
    public async Task Class_with_only_its_models_refuses_others_though_the_member_could_pay(string allowed, string refused)
    {
        var models = allowed.Split(',');
        var taught = await MakeAsync(Terms(5, ("models", models), ("only_these_models", true)));
        Assert.True(taught.GetProperty("only_these_models").GetBoolean());
        var email = Student.Replace("example.com", "rich.example", StringComparison.Ordinal);
        await EnrolAsync(taught, email);
        Assert.Null(await CallAsync(Here, email));

        foreach (var prefix in (string[])["", "/estimate"])
        {
            using var response = await Here.Http.SendAsync(Here.Post($"{prefix}/openai/v1/chat/completions",
                $$"""{"model":"{{refused}}","max_tokens":100,"messages":[]}""", Here.Token(email)));
            Assert.Equal("model_not_allowed", await response.CodeAsync());
            var message = await response.Content.ReadAsStringAsync();
            Assert.All([.. models, refused, "Physics"], name => Assert.Contains(name, message, StringComparison.Ordinal));
        }

        // Another class may pay for it; when neither refuses, the member's other budget does.
        await EnrolAsync(await MakeAsync(Terms(1, ("models", new[] { refused }))), email);
        Assert.Null(await CallAsync(Here, email, refused));
    }

    [Fact]
    public async Task Other_budget_does_not_pay_where_the_class_that_allows_a_refused_model_has_no_room()
    {
        var email = Student.Replace("example.com", "rich.example", StringComparison.Ordinal);
        await EnrolAsync(await MakeAsync(Terms(5, ("models", Small), ("only_these_models", true))), email);
        await EnrolAsync(await MakeAsync(Terms(0.0001m, ("models", new[] { Dear }))), email);
        Assert.NotNull(await CallAsync(Here, email, Dear, Long));
        Assert.Null(await CallAsync(Here, email));
    }

    [Fact]
    public async Task Personal_budget_replaces_the_class_and_what_it_refuses()
    {
        await EnrolAsync(await MakeAsync(Terms(5, ("models", Small), ("only_these_models", true))), "named@example.com");
        Assert.NotEqual("model_not_allowed", await CallAsync(Here, "named@example.com", Dear, 1));
    }

    [Fact]
    public async Task When_the_class_has_nothing_left_the_other_budget_still_pays()
    {
        var taught = await MakeAsync(Terms(50.01m, ("together_limit", 0.0001m)));
        await EnrolAsync(taught, "ann@rich.example");
        Assert.Null(await CallAsync(Here, "ann@rich.example", Dear, Long));
        Assert.Equal(0, await CallsAsync(taught));
    }

    [Theory]
    [InlineData("0.0005")]
    [InlineData("0.001")]
    [InlineData("0.03")]
    public async Task Class_with_less_than_the_other_budget_pays_first_and_its_teacher_sees_it(string limitText)
    {
        var limit = decimal.Parse(limitText, CultureInfo.InvariantCulture);
        const int Calls = 8;
        // The provider of these tests takes no notice of limits: its last answer may go beyond.
        const decimal Answer = 0.00045m;
        var taught = await MakeAsync(Terms(limit));
        await EnrolAsync(taught, "ann@rich.example");
        for (var i = 0; i < Calls; i++) Assert.Null(await CallAsync(Here, "ann@rich.example", tokens: 1000));

        var seen = (await Here.GetJsonAsync($"/classes/{taught.Text("id")}", Teacher)).GetProperty("spent").GetDecimal();
        var paid = await CallsAsync(taught);
        Assert.Equal(paid * Answer, seen);
        Assert.InRange(seen, Math.Min(limit - Answer, Calls * Answer), limit + Answer);
        Assert.Equal(limit > Calls * Answer ? Calls : paid, paid);
        Assert.InRange(paid, 1, Calls);
        var usage = await Here.GetJsonAsync("/usage", Here.Token("ann@rich.example"));
        Assert.Equal((50m, Calls * Answer), (usage.GetProperty("limit").GetDecimal(), usage.GetProperty("cost").GetDecimal()));
    }

    [Fact]
    public async Task Bill_of_a_whole_class_is_bounded()
    {
        // The provider of these tests takes no notice of limits: its last answer may go beyond.
        const decimal Together = 0.002m, Answer = 0.00045m;
        var taught = await MakeAsync(Terms(5, ("together_limit", Together)));
        await EnrolAsync(taught, "a@none.example\nb@none.example");
        Assert.Null(await CallAsync(Here, "a@none.example", tokens: 1000));
        var codes = new List<string?>();
        for (var i = 0; i < 20 && codes.LastOrDefault() is null; i++) codes.Add(await CallAsync(Here, "b@none.example", tokens: 1000));
        Assert.Equal("budget_spent", codes[^1]);
        Assert.InRange((await Here.GetJsonAsync($"/classes/{taught.Text("id")}", Teacher)).GetProperty("spent")
            .GetDecimal(), Together - Answer, Together + Answer);
    }

    private async Task<long> CallsAsync(System.Text.Json.JsonElement taught) =>
        (await Here.GetJsonAsync($"/classes/{taught.Text("id")}", Teacher)).GetProperty("members").EnumerateArray()
            .Sum(member => member.GetProperty("calls").GetInt64());

    private static async Task<decimal> LimitAsync(Gateway gateway, string email) =>
        (await gateway.GetJsonAsync("/usage", gateway.Token(email))).GetProperty("limit").GetDecimal();
}
