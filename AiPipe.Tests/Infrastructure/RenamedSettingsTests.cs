using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace AiPipe.Tests.Infrastructure;

/// <summary>A configuration file of an earlier version starts the gateway unchanged.</summary>
public sealed class RenamedSettingsTests
{
    private readonly WebApplicationBuilder _builder = WebApplication.CreateEmptyBuilder(new());

    [Fact]
    public void Earlier_names_are_read()
    {
        Configure(
            ("AiPipe:Budgets:ReplicaLife", "0:00:07"), ("AiPipe:Budgets:CounterPatience", "0:00:01"),
                ("AiPipe:Ledger:ReplyPatience", "0:00:03"),
            ("AiPipe:Ledger:Folder", "journal"));

        var (budgets, ledger) = (new BudgetOptions(), new LedgerOptions());
        budgets.Read(_builder.Configuration, new TeamOptions());
        LedgerOptions.Read(ledger, _builder.Configuration);
        Assert.Equal(
            (TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)),
                (budgets.ReplicaTimeout, budgets.CounterTimeout, ledger.ReplyTimeout));
    }

    [Fact]
    public void The_current_name_wins()
    {
        Configure(("AiPipe:Budgets:ReplicaLife", "0:00:07"), ("AiPipe:Budgets:ReplicaTimeout", "0:00:09"));

        var budgets = new BudgetOptions();
        budgets.Read(_builder.Configuration, new TeamOptions());
        Assert.Equal(TimeSpan.FromSeconds(9), budgets.ReplicaTimeout);
    }

    private void Configure(params (string Key, string Value)[] settings)
    {
        _builder.Configuration.AddInMemoryCollection(
            settings.Select(static setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        _builder.AddRenamedSettings();
    }
}
