using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Budgets;

public sealed class BudgetResolverTests
{
    [Theory]
    [InlineData("ann@example.com", "10")]
    [InlineData("ANN@Example.com", "10")]
    [InlineData("bob@example.com", "1")]
    [InlineData("bob@sub.example.com", "0.1")]
    [InlineData("no-address", "0.1")]
    public void The_most_specific_name_wins(string email, string usd) =>
        Assert.Equal(decimal.Parse(usd), Book(("*:Limit", "0.1"), ("*:Days", "7"), ("@example.com:Limit", "1"), ("@example.com:Days", "7"),
            ("Ann@example.com:Limit", "10"), ("Ann@example.com:Period", "month")).BudgetOf(email).Limit.ToUsd());

    [Fact]
    public void Everybody_has_a_little_while_nothing_is_configured()
    {
        Assert.Equal(new Budget(PicoUsd.FromUsd(0.1m), new BudgetWindow.LastDays(7)), Book().BudgetOf("ann@example.org"));
        Assert.Equal(new Budget(PicoUsd.FromUsd(2m), new BudgetWindow.CalendarMonth()), Book(("*:Limit", "2"), ("*:Period", "month"))
            .BudgetOf("ann@example.org"));
    }

    [Fact]
    public void Without_a_name_that_matches_there_is_nothing_to_spend() =>
        Assert.Equal(Budget.Zero, Book(("@example.com:Limit", "1"), ("@example.com:Days", "7")).BudgetOf("ann@example.org"));

    [Fact]
    public void An_apps_slice_is_a_scope_of_its_own()
    {
        var book = Book(("*:Limit", "1e-1"), ("*:Days", "7"));
        var scopes = book.ScopesOf(
            new Spender("ann@example.com", Budget: null, new AppAllowance("https://A.example", 0.01m, int.MaxValue), Key: null),
            CallTarget.None);
        Assert.Equal(["user:ann@example.com", "app:ann@example.com|https://a.example"], scopes.Select(scope => scope.Key));
        Assert.Equal(new Budget(PicoUsd.FromUsd(0.01m), new BudgetWindow.LastDays(3660)), scopes[1].Budget);
        Assert.Single(book.ScopesOf(
            new Spender("ann@example.com", Budget: null, new AppAllowance("https://a.example", null, 7), Key: null), CallTarget.None));
    }

    [Theory]
    [InlineData("*:Limit", "-1", "AiPipe:Budgets:*:Limit must be a number of USD from 0 to 9000000, such as 0.1.")]
    [InlineData("*:Limit", "much", "AiPipe:Budgets:*:Limit must be a number of USD from 0 to 9000000, such as 0.1.")]
    [InlineData("*:Limit", "1e20", "AiPipe:Budgets:*:Limit must be a number of USD from 0 to 9000000, such as 0.1.")]
    [InlineData("*:Limit", null, "AiPipe:Budgets:*:Limit is missing: give the limit in USD, such as 0.1.")]
    [InlineData("*:Days", "0", "AiPipe:Budgets:*:Days must be a whole number from 1 to 3660.")]
    [InlineData("*:Days", "3661", "AiPipe:Budgets:*:Days must be a whole number from 1 to 3660.")]
    [InlineData("*:Days", "1.5", "AiPipe:Budgets:*:Days must be a whole number from 1 to 3660.")]
    [InlineData("*:Days", null, "AiPipe:Budgets:* has no window: give Days, such as 7, or Period, \"month\".")]
    [InlineData("*:Period", "month", "AiPipe:Budgets:* has both Days and Period: keep one of them.")]
    [InlineData("*:Dayz", "7", "AiPipe:Budgets:*:Dayz is not known here: a budget has Limit and either Days or Period, and may have "
        + "limits in Models, Providers and Apps.")]
    [InlineData("HoldShare", "0", "AiPipe:Budgets:HoldShare must be above 0 and at most 1.")]
    [InlineData("OnCounterOutage", "ignore", "AiPipe:Budgets:OnCounterOutage must be \"refuse\", \"lease\", or { \"Lease\": 0.05, "
        + "\"Together\": 1 } with numbers of USD above 0 and at most 1000.")]
    [InlineData("OnCounterOutage:Leash", "1", "AiPipe:Budgets:OnCounterOutage must be \"refuse\", \"lease\", or { \"Lease\": 0.05, "
        + "\"Together\": 1 } with numbers of USD above 0 and at most 1000.")]
    [InlineData("OnCounterOutage:Lease", "0", "AiPipe:Budgets:OnCounterOutage:Lease must be a number of USD above 0 and at most 1000.")]
    [InlineData("ReplicaTimeout", "00:00:00.5",
        "AiPipe:Budgets:ReplicaTimeout must be a time from 0:00:01 to 0:10:00, written like 0:00:30 or 0:00:00.25.")]
    [InlineData("CounterTimeout", "soon",
        "AiPipe:Budgets:CounterTimeout must be a time from 0:00:00.01 to 0:00:10, written like 0:00:30 or 0:00:00.25.")]
    [InlineData("Everyone", "1",
        "AiPipe:Budgets:Everyone is neither a setting nor the name of a budget: use \"*\", \"@domain\" or an e-mail address.")]
    public async Task Wrong_configuration_stops_the_start_with_one_line(string key, string? value, string line)
    {
        using var host = Host(("*:Limit", "1"), ("*:Days", "7"), (key, value));
        var thrown = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(line, thrown.Message);
    }

    [Theory]
    [InlineData("OnCounterOutage", "refuse", "0", "0")]
    [InlineData("OnCounterOutage", "lease", "0.05", "1")]
    [InlineData("OnCounterOutage:Lease", "0.2", "0.2", "1")]
    [InlineData("OnCounterOutage:Together", "30", "0.05", "30")]
    public void A_lease_has_a_size_for_each_person_and_one_for_everybody(string key, string value, string own, string together)
    {
        var options = Host((key, value)).Services.GetRequiredService<IOptions<BudgetOptions>>().Value;
        Assert.Equal((decimal.Parse(own, CultureInfo.InvariantCulture), decimal.Parse(together, CultureInfo.InvariantCulture)),
            (options.OutageLease.Own.ToUsd(), options.OutageLease.Together.ToUsd()));
    }

    [Fact]
    public async Task An_unknown_period_stops_the_start_with_one_line()
    {
        using var host = Host(("*:Limit", "1"), ("*:Period", "week"));
        var thrown = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal("AiPipe:Budgets:*:Period must be \"month\"; or give Days instead.", thrown.Message);
    }

    private static BudgetResolver Book(params (string Key, string? Value)[] budgets) =>
        Host(budgets).Services.GetRequiredService<BudgetResolver>();

    private static IHost Host(params (string Key, string? Value)[] budgets)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        var last = new Dictionary<string, string?>();
        foreach (var (key, value) in budgets) last[$"AiPipe:Budgets:{key}"] = value;
        builder.Configuration.AddInMemoryCollection(last.Where(pair => pair.Value is not null));
        builder.AddBudgets();
        return builder.Build();
    }
}
