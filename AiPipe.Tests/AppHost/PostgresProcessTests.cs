using System.Globalization;
using AiPipe.AppHost.Hosting;
using AiPipe.AppHost.Hosting.Postgres;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiPipe.Tests.AppHost;

/// <summary>
/// The preparation of the cluster before the server starts. It runs PostgreSQL on the cluster to set the password, so its success proves
/// that the cluster is intact.
/// </summary>
public sealed class PostgresProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private string Data => Path.Combine(_folder.Path, "postgres");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Interrupted_creation_starts_over_and_a_second_start_keeps_the_cluster()
    {
        Directory.CreateDirectory(Data + ".new");
        await File.WriteAllTextAsync(Path.Combine(Data + ".new", "PG_VERSION"), "15", Cancellation);
        await PrepareAsync();
        var created = Directory.GetCreationTimeUtc(Path.Combine(Data, "base"));
        await PrepareAsync();
        Assert.Equal(created, Directory.GetCreationTimeUtc(Path.Combine(Data, "base")));
        Assert.False(Directory.Exists(Data + ".new"));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    public async Task Pid_file_of_a_killed_server_or_another_program_does_not_prevent_the_start(int pid)
    {
        await PrepareAsync();
        var named = pid == 0 ? Environment.ProcessId : pid;
        await File.WriteAllLinesAsync(Postmaster.PathIn(Data),
            [named.ToString(CultureInfo.InvariantCulture), Data, "1700000000", "5432", "", "127.0.0.1", "", "ready"], Cancellation);
        await PrepareAsync();
    }

    [Fact]
    public async Task Version_of_an_incompatible_cluster_is_reported_and_the_cluster_is_unchanged()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "PG_VERSION"), "9\n", Cancellation);
        var error = await Assert.ThrowsAsync<CannotStartException>(PrepareAsync);
        Assert.Contains("PostgreSQL 9", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal("9\n", await File.ReadAllTextAsync(Path.Combine(Data, "PG_VERSION"), Cancellation));
    }

    [Fact]
    public async Task Folder_with_other_files_is_unchanged()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "thesis.txt"), "mine", Cancellation);
        var error = await Assert.ThrowsAsync<CannotStartException>(PrepareAsync);
        Assert.Contains("is not empty and not a PostgreSQL cluster", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Data, "thesis.txt"), Cancellation));
    }

    private async Task PrepareAsync()
    {
        var password = new ParameterResource("password", static _ => "secret", secret: true);
        var process = new PostgresProcess(new PostgresProcessResource("postgres", _folder.Path, password));
        await process.FindCommandAsync(NullLogger.Instance, Cancellation);
        await process.PrepareAsync(NullLogger.Instance, Cancellation);
    }
}
