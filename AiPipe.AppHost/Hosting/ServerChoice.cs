using AiPipe.AppHost.Hosting.Postgres;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Chooses whether Postgres and Redis are containers or processes. A data folder stays with its choice: with the other one, the application
/// would start with an empty ledger while its tokens stay valid.
/// </summary>
internal static class ServerChoice
{
    private const string Record = "containers";

    /// <summary>Chooses, and records the choice of containers. A cluster in the folder records the other one.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="configured">The value of <c>--containers</c>.</param>
    /// <param name="runtime">The value of <c>ASPIRE_CONTAINER_RUNTIME</c>.</param>
    /// <returns>True for containers.</returns>
    /// <exception cref="CannotStartException">The folder's data is in containers, and no container runtime responds.</exception>
    public static async Task<bool> UseContainersAsync(string folder, bool? configured, string? runtime)
    {
        var record = Path.Combine(folder, Record);
        var isRecorded = File.Exists(record);
        if (configured == false) return false;
        var hasCluster = PostgresCluster.ReadMajorVersion(Path.Combine(folder, "postgres")) is not null;
        if (configured is null && hasCluster && !isRecorded) return false;
        var useContainers = configured ?? await ContainerRuntime.IsAvailableAsync(runtime);
        if (isRecorded && !useContainers)
        {
            throw new CannotStartException("The data of this installation is in containers, and neither Docker nor Podman responds. Start it, "
                + $"or set AIPIPE_DATA to another folder, or use --containers=false to begin with an empty database ({folder}).");
        }
        if (useContainers && !isRecorded) PrivateFile.Write(record, "Postgres and Redis of this folder run in containers.\n");
        return useContainers;
    }
}
