using Microsoft.Extensions.Logging;

namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>Finds the server's program, and prepares its cluster before each start.</summary>
internal sealed partial class PostgresProcess(PostgresProcessResource resource)
{
    private PostgresBinaries? _binaries;
    private UnprivilegedUser? _user;

    private PostgresCluster Cluster => new(resource.Data, _binaries!, _user);

    /// <summary>Finds PostgreSQL's programs, or installs them with npm, and creates the command that runs the server.</summary>
    /// <exception cref="CannotStartException">Programs of the cluster's version, or a user who can run them, cannot be found.</exception>
    public async Task<IReadOnlyList<string>> FindCommandAsync(ILogger logger, CancellationToken cancellationToken)
    {
        _user = await UnprivilegedUser.FindAsync(cancellationToken);
        var version = PostgresCluster.ReadMajorVersion(resource.Data);
        _binaries = await PostgresBinaries.FindAsync(version, line => Log.Progress(logger, line), cancellationToken);
        return Cluster.CreateServerCommand();
    }

    /// <summary>Creates the cluster at the first start, stops a server that a killed AppHost left running, and sets the password.</summary>
    /// <exception cref="CannotStartException">The folder has other files, or one of PostgreSQL's programs failed.</exception>
    public async Task PrepareAsync(ILogger logger, CancellationToken cancellationToken)
    {
        resource.IsPreparationFailed = false;
        try
        {
            await PrepareClusterAsync(logger, cancellationToken);
        }
        catch (Exception e) when (e is CannotStartException or IOException or UnauthorizedAccessException)
        {
            // The orchestrator logs the exception only in the dashboard.
            await Console.Error.WriteLineAsync($"{CannotStartException.Prefix} {e.Message}");
            resource.IsPreparationFailed = true;
            throw;
        }
    }

    private async Task PrepareClusterAsync(ILogger logger, CancellationToken cancellationToken)
    {
        if (PostgresCluster.ReadMajorVersion(resource.Data) is null) await CreateAsync(logger, cancellationToken);
        if (_user is not null) await _user.TakeOverAsync(resource.Data, cancellationToken);
        await StopOrphanAsync(logger, cancellationToken);
        await Cluster.SetPasswordAsync((await resource.Password.GetValueAsync(cancellationToken))!, cancellationToken);
    }

    // Created under another name and moved when complete, so that an interrupted first start leaves no incomplete cluster.
    private async Task CreateAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var data = resource.Data;
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new CannotStartException(
                $"{data} is not empty and not a PostgreSQL cluster. Move or rename it, or set AIPIPE_DATA to another folder.");
        Log.Creating(logger, data, _binaries!.Major);
        var temporary = data + ".new";
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        await new PostgresCluster(temporary, _binaries, _user).CreateAsync(cancellationToken);
        if (Directory.Exists(data)) Directory.Delete(data);
        Directory.Move(temporary, data);
    }

    private async Task StopOrphanAsync(ILogger logger, CancellationToken cancellationToken)
    {
        if (Postmaster.Read(resource.Data) is not { } server) return;
        if (server.Runs(resource.Data))
        {
            Log.StoppingOrphan(logger, server.Pid);
            await Cluster.StopAsync(cancellationToken);
        }
        else if (server.IsPidInUse())
        {
            // PostgreSQL would mistake the program that now has this pid for its own server. A pid that is not in use it handles itself.
            File.Delete(Postmaster.PathIn(resource.Data));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
        public static partial void Progress(ILogger logger, string line);

        [LoggerMessage(Level = LogLevel.Information, Message = "Creating the database cluster in {Folder} (PostgreSQL {Major})")]
        public static partial void Creating(ILogger logger, string folder, int major);

        [LoggerMessage(Level = LogLevel.Information, Message = "Stopping PostgreSQL, which a killed AppHost left running (pid {Pid})")]
        public static partial void StoppingOrphan(ILogger logger, int pid);
    }
}
