using AiPipe.AppHost.Hosting.Postgres;

namespace AiPipe.AppHost.Hosting;

/// <summary>
/// Chooses whether Postgres and Redis are containers or processes. The choice for a data folder does not change, because the application
/// would then start with an empty ledger, while its tokens stay valid.
/// </summary>
internal static class ServerChoice
{
    private const string Record = "containers";

    /// <summary>Makes the choice. Containers are recorded in a file of the folder; processes are recognized by the cluster in it.</summary>
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
            throw new CannotStartException(
                "The data of this installation is in containers, but neither Docker nor Podman responds. Start Docker or Podman, "
                + $"or set AIPIPE_DATA to another folder, or use --containers=false to start with an empty database ({folder}).");
        }
        if (useContainers && !isRecorded) PrivateFile.Write(record, "Postgres and Redis of this folder run in containers.\n");
        return useContainers;
    }
}
