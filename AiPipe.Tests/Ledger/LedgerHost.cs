using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Pricing;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace AiPipe.Tests.Ledger;

/// <summary>The two stages of money, started as the gateway starts them, on a real database.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isCrashed;

    private LedgerHost(IHost host, string database, string folder) => (_host, Database, Folder) = (host, database, folder);

    public string Database { get; }
    /// <summary>Where its journals are.</summary>
    public string Folder { get; }
    public LogLines Logs { get; private init; } = new();
    public ISpendCounter Counter => Get<ISpendCounter>();
    public CostLedger Ledger => Get<CostLedger>();
    public TestClock Clock => Get<TestClock>();

    public static async Task<LedgerHost> StartAsync(string database, string? folder = null, params (string Key, string Value)[] settings)
    {
        folder ??= Scratch.NewFolder("journal");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:aipipe", database),
            new("AiPipe:Ledger:Folder", folder),
            // A Redis that is there may answer late on a busy machine: that is no outage.
            new("AiPipe:Budgets:CounterTimeout", $"{TestClock.CounterTimeout:c}"),
            .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
        ]);
        var logs = new LogLines();
        builder.AddLogLines(logs);
        builder.Services.AddSingleton<TestClock>().AddSingleton<TimeProvider>(services => services.GetRequiredService<TestClock>());
        builder.Services.AddDbContext<AiPipeDb>(options => options.UseNpgsql(database, postgres => postgres.EnableRetryOnFailure()));
        builder.AddBudgets().AddSpendCounter().AddLedger().AddReplica();
        builder.Services.AddSingleton<ReservationStage>();
        var host = new LedgerHost(builder.Build(), database, folder) { Logs = logs };
        var redis = builder.Configuration["REDIS_ADDRESS"] ?? builder.Configuration.GetConnectionString("redis");
        var counts = RedisProcess.Follow(redis, host.Clock);
        await host._host.StartAsync();
        if (counts) await RedisProcess.JoinedAsync(host._host.Services);
        return host;
    }

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public Task StopAsync() => _host.StopAsync();

    /// <summary>From now on it reaches neither Redis nor Postgres, as if it were dead.</summary>
    public void Crash()
    {
        _isCrashed = true;
        Get<IConnectionMultiplexer>().Dispose();
        Get<NpgsqlDataSource>().Dispose();
    }

    /// <summary>What a <c>kill -9</c> at this moment would leave: the files as they are, locked by nobody.</summary>
    public string CopyJournals()
    {
        var copy = Scratch.NewFolder("journal");
        foreach (var file in Directory.GetFiles(Folder, "*.jsonl", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var to = File.Create(target);
            from.CopyTo(to);
        }
        return copy;
    }

    /// <summary>Cheapest first.</summary>
    public async Task<List<LedgerEntry>> EntriesAsync()
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AiPipeDb>().LedgerEntries.AsNoTracking().OrderBy(entry => entry.Cost)
            .ToListAsync();
    }

    public async Task<List<DailySpend>> DaysAsync()
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AiPipeDb>().DailySpend.AsNoTracking().OrderBy(day => day.Scope)
            .ThenBy(day => day.Day).ToListAsync();
    }

    /// <summary>Reserves and journals a call as the guard does.</summary>
    public async Task<Reservation> OpenAsync(BudgetScope scope, decimal hold, decimal input = 0)
    {
        var day = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        var bound = new CostBound(PicoUsd.FromUsd(hold), PicoUsd.Zero, null, null, CanLimit: false);
        var outcome = await Counter.ReserveAsync(Guid.CreateVersion7(), [scope], bound, day, TestContext.Current.CancellationToken);
        var reservation = Assert.IsType<ReserveOutcome.Reserved>(outcome).Reservation;
        Assert.True(Ledger.Open(Entry(reservation, input) with { Kind = EntryKind.Abandoned, Estimated = true }, reservation.Amount));
        return reservation;
    }

    public LedgerEntry Entry(Reservation reservation, decimal cost) => new()
    {
        Id = reservation.Id,
        User = reservation.Scopes[0].Key["user:".Length..],
        Day = reservation.Day,
        StartedAt = Clock.GetUtcNow(),
        Scopes = [.. reservation.Scopes.Select(scope => scope.Key)],
        Kind = EntryKind.Call,
        Model = "gpt-4o-mini",
        Cost = PicoUsd.FromUsd(cost),
    };

    public async ValueTask DisposeAsync()
    {
        if (!_isCrashed) await _host.StopAsync();
        _host.Dispose();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }
}
