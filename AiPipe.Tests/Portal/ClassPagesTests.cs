using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>A teacher sets up a class, students come in, and the teacher sees what they spend.</summary>
public sealed class ClassPagesTests(PostgresFixture postgres, Browser browser) : PortalTest(postgres, browser)
{
    private const string Teacher = "teacher@example.com";
    private const string Hostile = "<script>alert(1)</script> 101";

    [Fact]
    public async Task Class_is_set_up_joined_by_code_and_spent_from()
    {
        var teacher = await SetUpAsync();
        var code = await teacher.Locator("#join ~ p b").InnerTextAsync();

        var student = await SignInAsync("student@example.com");
        await student.GotoAsync(Gateway.Address + "/account/classes");
        await Expect(student.GetByText("Create a class")).ToHaveCountAsync(0);
        await student.GetByLabel("Join code").FillAsync(code);
        await student.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await student.GetByText($"You are in {Hostile}").WaitForAsync();
        await student.GotoAsync(Gateway.Address + "/account/usage");
        await Expect(student.Locator(".figures")).ToContainTextAsync("$3.00");

        Assert.Null(await Gateway.CallAsync(Gateway.Token("student@example.com")));
        await teacher.ReloadAsync();
        var members = teacher.GetByRole(AriaRole.Group, new() { Name = "Members" });
        await Expect(members).ToContainTextAsync("student@example.com");
        await Expect(members).ToContainTextAsync("$0.00045");
        var download = await teacher.RunAndWaitForDownloadAsync(() => teacher.GetByText("as CSV").ClickAsync());
        Assert.Contains("student@example.com", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);

        await student.GotoAsync(Gateway.Address + "/account");
        var budgets = student.GetByRole(AriaRole.Group, new() { Name = "Budgets" });
        await Expect(budgets).ToContainTextAsync($"{Hostile}, your share");
        await Expect(budgets).ToContainTextAsync($"{Hostile}, whole class");
        var admin = await SignInAsync(Admin);
        await admin.GotoAsync(Gateway.Address + "/console/people");
        await Expect(admin.GetByRole(AriaRole.Row, new() { Name = "student@example.com" })).ToContainTextAsync(Hostile);
        await admin.GotoAsync(Gateway.Address + "/console/people/student@example.com");
        await Expect(admin.Locator("main")).ToContainTextAsync($"$3.00 in any 7 days, from {Hostile}");
        AssertNoComplaints();
    }

    [Fact]
    public async Task List_is_pasted_and_what_is_wrong_in_it_is_told_by_line()
    {
        var teacher = await SetUpAsync();
        await teacher.GetByLabel("Or paste a list").FillAsync("ann@example.com, Ann <Lee>\nno address\nbob@example.com");
        await teacher.GetByRole(AriaRole.Button, new() { Name = "Add members" }).ClickAsync();
        var told = teacher.GetByRole(AriaRole.Alert);
        await Expect(told).ToContainTextAsync("2 added");
        await Expect(told).ToContainTextAsync("Line 2: no address");
        await Expect(teacher.Locator("#members ~ div")).ToContainTextAsync("Ann <Lee>");
    }

    [Fact]
    public async Task Other_models_are_refused_if_the_teacher_says_so()
    {
        var teacher = await SetUpAsync();
        await teacher.GotoAsync(Gateway.Address + "/account/classes");
        await teacher.GetByRole(AriaRole.Link, new() { Name = Hostile }).ClickAsync();
        await teacher.GetByRole(AriaRole.Link, new() { Name = "Change" }).ClickAsync();
        await teacher.GetByLabel("Refuse all other models").CheckAsync();
        await teacher.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(teacher.GetByText("name at least one model")).ToBeVisibleAsync();
        await teacher.GetByLabel("Models this class pays for").FillAsync("gpt-4o*");
        await teacher.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await teacher.GotoAsync(Gateway.Address + "/account/classes");
        await Expect(teacher.GetByRole(AriaRole.Row, new() { Name = Hostile })).ToContainTextAsync("gpt-4o*; all others are refused");
        AssertNoComplaints();
    }

    [Fact]
    public async Task Wrong_code_lets_nobody_in()
    {
        var student = await SignInAsync("student@example.com");
        await student.GotoAsync(Gateway.Address + "/account/classes?code=ABCDEFGH");
        await student.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await student.GetByRole(AriaRole.Alert).WaitForAsync();
    }

    private async Task<IPage> SetUpAsync()
    {
        var page = await SignInAsync(Teacher);
        await page.GotoAsync(Gateway.Address + "/account/classes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create a class" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync(Hostile);
        await page.GetByLabel("Each member may spend").FillAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("is created").WaitForAsync();
        return page;
    }
}
