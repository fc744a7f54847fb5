using System.Globalization;
using System.Net;
using System.Text;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Classes;

/// <summary>Making classes, joining them, and what teachers see.</summary>
public sealed class ClassTests(PostgresFixture postgres, SharedPair shared) : ClassTest(postgres, shared), IClassFixture<SharedPair>
{
    private static readonly string[] Family = ["gpt-4o*"];

    protected override void Configure(Dictionary<string, string?> settings)
    {
        settings["AiPipe:Classes:MostMembers"] = "3";
        settings["AiPipe:Classes:MostClasses"] = "2";
        settings["AiPipe:Logins:Origins:0"] = "https://aipipe.example";
    }

    [Fact]
    public async Task Class_is_made_listed_changed_and_archived()
    {
        var made = await MakeAsync(Terms(5, ("name", " <b>Physics</b>\u202e "), ("period", "month"), ("models", Family)));
        var id = made.Text("id");
        Assert.Equal(("<b>Physics</b>", TeacherEmail, "month"), (made.Text("name"), made.Text("owner"), made.Text("period")));
        Assert.Matches("^[2-9A-HJ-NP-TV-Z]{8}$", made.Text("join_code"));
        Assert.Equal("https://aipipe.example/account/classes?code=" + made.Text("join_code"), made.Text("join_url"));
        Assert.Equal(500, made.GetProperty("together_limit").GetDecimal());
        Assert.Equal(id, (await Here.GetJsonAsync("/classes", Teacher)).GetProperty("teaching").EnumerateArray().Single().Text("id"));

        using var changed = await Here.SendAsync(HttpMethod.Put, $"/classes/{id}", Teacher, Terms(4));
        var now = await changed.JsonAsync();
        Assert.Equal((4m, 31, made.Text("join_code")),
            (now.GetProperty("limit").GetDecimal(), now.GetProperty("days").GetInt32(), now.Text("join_code")));
        using var recoded = await Here.SendAsync(HttpMethod.Post, $"/classes/{id}/code", Teacher);
        Assert.NotEqual(made.Text("join_code"), (await recoded.JsonAsync()).Text("join_code"));
        Assert.Equal("join_code_wrong", await JoinAsync(made.Text("join_code")));

        Assert.Null(await CodeAsync(Here, HttpMethod.Delete, $"/classes/{id}", Teacher));
        Assert.Empty((await Here.GetJsonAsync("/classes", Teacher)).GetProperty("teaching").EnumerateArray());
        Assert.True((await Here.GetJsonAsync($"/classes/{id}", Teacher)).TryGetProperty("archived_at", out _));
        Assert.Equal("not_found", await CodeAsync(Here, HttpMethod.Put, $"/classes/{id}", Teacher, Terms(4)));
    }

    [Theory]
    [InlineData("limit", 10.5, "10")]
    [InlineData("limit", 0, "limit")]
    [InlineData("together_limit", 501, "500")]
    [InlineData("days", 0, "days")]
    [InlineData("period", "week", "month")]
    [InlineData("name", "\u202e ", "name")]
    [InlineData("ends_on", "2020-01-01", "ends_on")]
    [InlineData("ends_on", "2999-01-01", "1096")]
    [InlineData("starts_on", "1999-01-01", "1096")]
    public async Task Terms_beyond_reason_or_the_teachers_limits_are_refused_with_the_number(string field, object value, string told)
    {
        using var response = await Here.SendAsync(HttpMethod.Post, "/classes", Teacher, Terms(5, (field, value)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (response.StatusCode, await response.CodeAsync()));
        Assert.Contains(told, (await response.JsonAsync()).Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admins_go_beyond_and_teachers_do_not()
    {
        await MakeAsync(Terms(50), Admin);
        await MakeAsync();
        await MakeAsync();
        Assert.Equal("invalid_request", await CodeAsync(Here, HttpMethod.Post, "/classes", Teacher, Terms()));
        Assert.Equal("teacher_only", await CodeAsync(Here, HttpMethod.Post, "/classes", Here.Token(Student), Terms()));
    }

    [Fact]
    public async Task Somebody_elses_class_is_none_but_admins_change_it_and_that_is_written_down()
    {
        var id = (await MakeAsync()).Text("id");
        foreach (var token in new[] { Here.Token("other@example.com"), Here.Token(Student) })
        {
            Assert.Equal("not_found", await CodeAsync(Here, HttpMethod.Get, $"/classes/{id}", token));
            Assert.Equal("not_found", await CodeAsync(Here, HttpMethod.Get, $"/classes/{id}/spend.csv", token));
            Assert.Equal("not_found", await CodeAsync(Here, HttpMethod.Delete, $"/classes/{id}/members/{TeacherEmail}", token));
        }
        foreach (var (method, path) in new[] { ("PUT", ""), ("DELETE", ""), ("POST", "/code"), ("POST", "/roster") })
            Assert.Equal("not_found",
                await CodeAsync(Here, new HttpMethod(method), $"/classes/{id}{path}", Here.Token("other@example.com"), method == "PUT"
                ? Terms() : null));
        Assert.Null(await CodeAsync(Here, HttpMethod.Put, $"/classes/{id}", Admin, Terms(40)));
        Assert.Contains("class.change", (await Here.GetJsonAsync("/admin/audit", Admin)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_lets_people_join_on_every_replica_and_they_may_leave()
    {
        var made = await MakeAsync();
        var (id, typed) = (made.Text("id"), $" {made.Text("join_code")[..4].ToLowerInvariant()}-{made.Text("join_code")[4..]} ");
        await Eventually.TrueAsync(async () => await JoinAsync(typed, There) is null, "joining on the other replica");
        Assert.Null(await JoinAsync(typed));
        var joined = (await Here.GetJsonAsync("/classes", Here.Token(Student))).GetProperty("member_of").EnumerateArray().Single();
        Assert.True(joined.GetProperty("running").GetBoolean());
        Assert.False(joined.TryGetProperty("join_code", out _));
        await Eventually.TrueAsync(
            async () => (await Here.GetJsonAsync("/token/me", Here.Token(Student))).GetProperty("classes")
            .GetArrayLength() == 1, "the class of a page's head");

        Assert.Null(await CodeAsync(Here, HttpMethod.Delete, $"/classes/{id}/members/{Student}", Here.Token(Student)));
        Assert.Equal("not_found", await CodeAsync(Here, HttpMethod.Delete, $"/classes/{id}/members/{Student}", Here.Token(Student)));
    }

    [Fact]
    public async Task Guesses_at_codes_are_limited()
    {
        await using var still = await Gateway.StartStillAsync(Database);
        var codes = new List<string?>();
        for (var i = 0; i < 11; i++) codes.Add(await JoinAsync("2345678" + "ABCDEFGHJKM"[i], still));
        Assert.Equal([.. Enumerable.Repeat("join_code_wrong", 10), "rate_limited"], codes);
    }

    [Fact]
    public async Task Class_holds_as_many_as_it_may_by_roster_and_by_code_however_many_come_at_once()
    {
        var made = await MakeAsync();
        Assert.Equal("invalid_request",
            await CodeAsync(Here, HttpMethod.Post, $"/classes/{made.Text("id")}/roster", Teacher,
            new { csv = "a@x.example\nb@x.example\nc@x.example\nd@x.example" }));
        Assert.Equal(0, (await Here.GetJsonAsync($"/classes/{made.Text("id")}", Teacher)).GetProperty("member_count").GetInt32());
        var joined = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => JoinAsync(made.Text("join_code"), email: $"p{i}@x.example")));
        Assert.Equal(3, joined.Count(code => code is null));
        Assert.Equal(3, (await Here.GetJsonAsync($"/classes/{made.Text("id")}", Teacher)).GetProperty("member_count").GetInt32());
    }

    [Fact]
    public async Task Roster_takes_what_is_good_and_names_the_rest()
    {
        var made = await MakeAsync();
        var first = await EnrolAsync(made, "email,name\na@x.example,Ann\nnobody\na@x.example\n");
        Assert.Equal((1, 1), (first.GetProperty("added").GetInt32(), first.GetProperty("already").GetInt32()));
        Assert.Equal((3, "nobody"),
            (first.GetProperty("wrong")[0].GetProperty("line").GetInt32(), first.GetProperty("wrong")[0].Text("text")));

        using var csv = new HttpRequestMessage(
            HttpMethod.Post, $"/classes/{made.Text("id")}/roster")
        {
            Content =
            new StringContent("a@x.example\nb@x.example", Encoding.UTF8, "text/csv")
        };
        csv.Headers.TryAddWithoutValidation("Authorization", Teacher);
        using var second = await Here.Http.SendAsync(csv);
        Assert.Equal((1, 1), (
            (await second.JsonAsync()).GetProperty("added").GetInt32(), (await second.JsonAsync()).GetProperty("already").GetInt32()));

        using var large = new HttpRequestMessage(
            HttpMethod.Post, $"/classes/{made.Text("id")}/roster")
        {
            Content =
            new StringContent(new string('a', 3 << 20), Encoding.UTF8, "text/csv")
        };
        large.Headers.TryAddWithoutValidation("Authorization", Teacher);
        using var refused = await Here.Http.SendAsync(large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Teacher_sees_what_was_spent_from_the_class_and_nothing_else()
    {
        // On their own budget, before they are on anybody's list.
        Assert.Null(await CallAsync(Here, Student));
        var made = await MakeAsync();
        await EnrolAsync(made, $"{Student},\"=Stu, Dent\"\nidle@example.com");
        var before = (await Here.GetJsonAsync($"/classes/{made.Text("id")}", Teacher)).GetProperty("members").EnumerateArray().Last();
        Assert.Equal((Student, 0m, 0L),
            (before.Text("email"), before.GetProperty("spent").GetDecimal(), before.GetProperty("calls").GetInt64()));
        Assert.False(before.TryGetProperty("last_call_at", out _));

        Assert.Null(await CallAsync(Here, Student));
        var after = (await Here.GetJsonAsync($"/classes/{made.Text("id")}", Teacher)).GetProperty("members").EnumerateArray().Last();
        var spent = after.GetProperty("spent").GetDecimal();
        Assert.Equal(1, after.GetProperty("calls").GetInt64());
        Assert.Equal((await Here.SpentAsync(Student)) / 2, spent);
        Assert.Equal(5 - spent, after.GetProperty("remaining").GetDecimal());
        Assert.True(after.TryGetProperty("last_call_at", out _));

        using var response = await Here.SendAsync(HttpMethod.Get, $"/classes/{made.Text("id")}/spend.csv", Teacher);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).TrimStart('\ufeff').Split("\r\n");
        Assert.Equal("email,name,calls,input_tokens,output_tokens,cost_usd", lines[0]);
        Assert.Equal("\"idle@example.com\",,0,0,0,0", lines[1]);
        Assert.StartsWith($"\"{Student}\",\"'=Stu, Dent\",1,", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("," + spent.ToString(CultureInfo.InvariantCulture), lines[2], StringComparison.Ordinal);
    }

    private Task<string?> JoinAsync(string code, Gateway? gateway = null, string? email = null) =>
        CodeAsync(gateway ?? Here, HttpMethod.Post, "/classes/join", (gateway ?? Here).Token(email ?? Student), new { code });
}
