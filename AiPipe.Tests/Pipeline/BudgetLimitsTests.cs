using System.Text.Json.Nodes;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Budgets;
using AiPipe.Tests.Documents;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Pipeline;

/// <summary>Which limits hold for a call, and under which keys.</summary>
public sealed class BudgetLimitsTests
{
    private const string School = """
        {
          "Teams": { "Physics": { "Members": ["Ann@school.example", "@lab.example"] }, "staff": { "Members": ["@school.example"] } },
          "Budgets": {
            "*": { "Limit": 1, "Days": 7 },
            "@school.example": {
              "Limit": 2, "Days": 7,
              "Models": { "gpt-4o": { "Limit": 0.1, "Days": 1 }, "gpt-*": { "Limit": 0.5, "Period": "month" }, "x/y:free": { "Limit": 1, "Days": 1 } },
              "Providers": { "GeminiV1Beta": { "Limit": 0.3, "Days": 1 } },
              "Apps": { "https://App.example:8443/": { "Limit": 0.2, "Days": 30 } }
            },
            "Together": {
              "*": { "Limit": 100, "Period": "month" },
              "@School.example": { "Limit": 50, "Days": 30 },
              "Models": { "gpt-4o": { "Limit": 9, "Days": 1 } },
              "Providers": { "openai": { "Limit": 60, "Days": 1 } },
              "Teams": { "physics": { "Limit": 5, "Days": 1 }, "Staff": { "Limit": 6, "Days": 1 } },
              "Apps": { "https://app.example:8443": { "Limit": 7, "Days": 1 } }
            }
          }
        }
        """;

    private static readonly BudgetResolver Book = Books.Create(School);

    [Fact]
    public void Everything_that_matches_holds()
    {
        var scopes = Book.ScopesOf(
            Ann(new AppAllowance("https://app.example:8443", 0.05m, 1)).Spender, new CallTarget("openai", "GPT-4o-2024-08-06", null));
        Assert.Equal(
        [
            "user:ann@school.example", "app:ann@school.example|https://app.example:8443",
            "user-model:ann@school.example|gpt-*", "user-model:ann@school.example|gpt-4o",
                "user-app:ann@school.example|https://app.example:8443",
            "together-everyone:*", "together-domain:@school.example", "together-team:physics", "together-team:staff",
            "together-model:gpt-4o", "together-provider:openai", "together-app:https://app.example:8443",
        ], scopes.Select(scope => scope.Key));
        Assert.Equal(new Budget(PicoUsd.FromUsd(0.5m), new BudgetWindow.CalendarMonth()), scopes[2].Budget);
        Assert.Equal(new Budget(PicoUsd.FromUsd(5), new BudgetWindow.LastDays(1)), scopes[7].Budget);
    }

    [Theory]
    [InlineData("openrouter", "x/y:free", "user-model:ann@school.example|x/y:free")]
    [InlineData("gemini", "gemini-2.5-pro", "user-provider:ann@school.example|gemini")]
    [InlineData("openrouter", "openai/gpt-4o", "user-model:ann@school.example|gpt-4o")]
    [InlineData("openrouter", "openai/gpt-4o", "together-model:gpt-4o")]
    public void A_limit_holds_where_its_name_matches(string provider, string model, string key) =>
        Assert.Contains(Book.ScopesOf(Ann().Spender, new CallTarget(provider, model, null)), scope => scope.Key == key);

    [Fact]
    public void What_does_not_match_does_not_hold() => Assert.Equal(
        ["user:bob@example.com", "together-everyone:*"],
        Book.ScopesOf(new Caller.User("bob@example.com", IsAdmin: false, Allowance: null)
            .Spender, new CallTarget("gemini", "gemini-2.5-pro", null)).Select(scope => scope.Key));

    [Fact]
    public void Usage_tells_the_rest_apart_without_saying_anything_twice()
    {
        var ann = Ann();
        var holding = Book.ScopesOf(ann.Spender, CallTarget.None).Select(scope => scope.Key).ToList();
        var partial = Book.PartialScopesOf(ann.Spender, Book.SourcesOf(ann.Email, CallTarget.None).First).Select(scope => scope.Key)
            .ToList();
        Assert.Equal(["user:ann@school.example", "together-everyone:*", "together-domain:@school.example", "together-team:physics",
            "together-team:staff"], holding);
        Assert.Equal(
        [
            "user-model:ann@school.example|gpt-*", "user-model:ann@school.example|gpt-4o", "user-model:ann@school.example|x/y:free",
            "user-provider:ann@school.example|gemini", "user-app:ann@school.example|https://app.example:8443", "together-model:gpt-4o",
                "together-provider:openai",
        ], partial);
        Assert.Empty(holding.Intersect(partial));
    }

    [Fact]
    public void A_person_with_only_a_budget_of_their_own_costs_no_more_than_its_counter()
    {
        var book = Books.Create("""{"Budgets":{"*":{"Limit":1,"Days":7}}}""");
        var (ann, target) = (Ann(), new CallTarget("openai", "gpt-4o", null));
        book.ScopesOf(ann.Spender, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) book.ScopesOf(ann.Spender, target);
        // The key, the scope and the list of one.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 320);
    }

    [Theory]
    [InlineData("ann@x|https://a", "https://b", "ann@x", "https://a|https://b")]
    [InlineData("ann@x|b", "c", "ann@x", "b|c")]
    [InlineData("ann@x%7cb", "c", "ann@x|b", "c")]
    [InlineData("a|b", "|", "a", "b||")]
    public void Two_different_scopes_never_have_the_same_key(string email, string origin, string otherEmail, string otherOrigin)
    {
        Assert.NotEqual(BudgetScope.AppKey(email, origin), BudgetScope.AppKey(otherEmail, otherOrigin));
        Assert.NotEqual(BudgetScope.PersonalKey("app", email, origin), BudgetScope.PersonalKey("app", otherEmail, otherOrigin));
        Assert.Equal(origin, new BudgetScope(BudgetScope.AppKey(email, origin), Budget.Zero).Name);
        Assert.Equal(otherOrigin, new BudgetScope(BudgetScope.PersonalKey("app", otherEmail, otherOrigin), Budget.Zero).Name);
    }

    [Theory]
    [InlineData("user:ann@x", "user", "ann@x", false)]
    [InlineData("user:model:ann|b", "user", "model:ann|b", false)]
    [InlineData("app:ann@x|https://a.example:81", "app", "https://a.example:81", false)]
    [InlineData("user-model:ann@x|x/y:free", "model", "x/y:free", false)]
    [InlineData("together-model:x|y:free", "model", "x|y:free", true)]
    [InlineData("together-everyone:*", "everyone", "*", true)]
    public void A_key_tells_what_it_limits(string key, string kind, string name, bool together)
    {
        var scope = new BudgetScope(key, Budget.Zero);
        Assert.Equal((kind, name, together), (scope.Kind, scope.Name, scope.IsShared));
    }

    [Theory]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Model":{"m":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:*:Model is not known here: a budget has Limit and either Days or Period, and may have limits in Models, "
            + "Providers and Apps.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":"gpt-4o"}}}""",
        "AiPipe:Budgets:*:Models must be a group of limits by name: { \"name\": { \"Limit\": 0.1, \"Days\": 7 } }.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"gpt-4o":0.1}}}}""",
        "AiPipe:Budgets:*:Models:gpt-4o must be a set of limits: write { \"Limit\": 0.1, \"Days\": 7 }.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"gpt-4o":{}}}}}""",
        "AiPipe:Budgets:*:Models:gpt-4o has no limits: write { \"Limit\": 0.1, \"Days\": 7 }.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"x/y:free":{"Limit":1}}}}}""",
        "AiPipe:Budgets:*:Models:x/y:free has no window: give Days, such as 7, or Period, \"month\".")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"gpt-4o":{"Limit":1,"Day":1}}}}}""",
        "AiPipe:Budgets:*:Models:gpt-4o:Day is not known here: a limit has Limit and either Days or Period.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"gpt-*-mini":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:*:Models:gpt-*-mini is not a model name: use one such as gpt-4o, or a prefix with *, such as gpt-4o*.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Models":{"gemini-pro":{"Limit":1,"Days":1},"models/gemini-pro":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:*:Models:models/gemini-pro is another name of \"gemini-pro\", which already has a limit here: keep one of them.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Providers":{"opneai":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:*:Providers:opneai is not a provider: use one of PROVIDERS.")]
    [InlineData("""{"Budgets":{"Together":{"Providers":{"gemini":{"Limit":1,"Days":1},"geminiv1beta":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:Together:Providers:geminiv1beta is another name of \"gemini\", which already has a limit here: keep one of them.")]
    [InlineData("""{"Budgets":{"*":{"Limit":1,"Days":7,"Apps":{"app.example":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:*:Apps:app.example is not a web app: write its origin, such as https://app.example or http://localhost:3000.")]
    [InlineData("""{"Budgets":{"Together":{"Apps":{"https://app.example/page":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:Together:Apps:https://app.example/page is not a web app: write its origin, such as https://app.example or "
            + "http://localhost:3000.")]
    [InlineData("""{"Budgets":{"Together":{"Teams":{"physics":{"Limit":1,"Days":1}}}}}""",
        "AiPipe:Budgets:Together:Teams:physics is not a team: define it in AiPipe:Teams, such as { \"physics\": { \"Members\": [ "
            + "\"ann@example.com\" ] } }.")]
    [InlineData("""{"Budgets":{"Together":{"ann@example.com":{"Limit":1,"Days":1}}}}""",
        "AiPipe:Budgets:Together:ann@example.com is not known here: use \"*\" for everyone, \"@domain\", Models, Providers, Teams or "
            + "Apps.")]
    [InlineData("""{"Budgets":{"Together":{"*":{"Limit":1,"Days":1,"Models":{"m":{"Limit":1,"Days":1}}}}}}""",
        "AiPipe:Budgets:Together:*:Models is not known here: a budget has Limit and either Days or Period.")]
    [InlineData("""{"Budgets":{"Together":100}}""",
        "AiPipe:Budgets:Together must be a group of budgets, such as { \"*\": { \"Limit\": 100, \"Period\": \"month\" } }.")]
    [InlineData("""{"Teams":{"physics":["ann@example.com"]}}""", "AiPipe:Teams:physics:0 is not known: use Members.")]
    [InlineData("""{"Teams":{"physics":{"Members":"ann@example.com"}}}""", "AiPipe:Teams:physics:Members must be a list: [ \"…\" ].")]
    [InlineData("""{"Teams":{"physics":{"Members":["ann"]}}}""",
        "AiPipe:Teams:physics:Members has \"ann\", which is not a member: use addresses such as ann@example.com, or @school.example for "
            + "a whole domain.")]
    public void Wrong_configuration_stops_the_start_with_one_line(string json, string line)
    {
        var thrown = Assert.ThrowsAny<OptionsValidationException>(() => Books.Create(json).UserScope("ann@example.com"));
        Assert.Equal(line.Replace("PROVIDERS", string.Join(", ", KnownProviders.All.Select(static known => known.Name)),
            StringComparison.Ordinal), thrown.Message);
    }

    [Fact]
    public void The_manuals_examples_are_read()
    {
        var examples = Document.Operate.Blocks("json").Where(static json => json.StartsWith("{ \"AiPipe\"", StringComparison.Ordinal))
            .Select(static json => JsonNode.Parse(json)!["AiPipe"]!.AsObject()).Where(static settings => settings.ContainsKey("Budgets"))
            .Select(static settings => settings.ToJsonString()).ToList();

        Assert.Equal(2, examples.Count);
        Assert.Equal(1, Books.Create(examples[0]).BudgetOf("bob@example.com").Limit.ToUsd());
        Assert.Contains(Books.Create(
            examples[1].Replace("\"Budgets\"", "\"Teams\":{\"physics\":{\"Members\":[]}},\"Budgets\"", StringComparison.Ordinal))
            .ScopesOf(Ann().Spender, new CallTarget("openai", "o1-mini", null)), scope => scope.Key == "user-model:ann@school.example|o1*");
    }

    private static Caller.User Ann(AppAllowance? slice = null) => new("ann@school.example", IsAdmin: false, slice);
}
