using System.Runtime.InteropServices;
using AiPipe.AppHost.Starting;
using AiPipe.Portal;
using AiPipe.Proxy.Edge;

namespace AiPipe.AppHost;

/// <summary>The start without containers: Proxy and Portal in one process, an embedded Postgres beside it, counters in memory.</summary>
internal static class Standalone
{
    private const string DefaultUrl = "http://localhost:8787";

    public static async Task<int> Main(string[] args)
    {
        using var interrupted = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await RunAsync(args, interrupted.Token);
            return 0;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception e)
        {
            await StartFailure.TellAsync(e);
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            // Ours to handle: the host and the database stop in order, then the process ends by itself.
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }

    private static async Task RunAsync(string[] args, CancellationToken stopping)
    {
        var settings = Settings.Read(args);
        settings.RefuseWeakSecret();
        settings.RefuseWrongAddress();
        var folder = DataFolder.Open(settings["AIPIPE_DATA"]);
        var own = settings["ConnectionStrings:aipipe"];
        await using var held = string.IsNullOrEmpty(own) ? await EmbeddedPostgres.StartAsync(folder, Console.WriteLine, stopping) : null;
        await using var alone = held is null ? DataFolderLock.Take(folder) : null;
        var started = false;

        await using var app = Proxy.Program.Build(args, builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings.Completed(folder, held?.ConnectionString));
            if (!settings.NamesAddress) builder.WebHost.UseUrls(DefaultUrl);
            // What stops the start is told in one line by Main; afterwards these categories speak as always.
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Information);
            builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => started && level >= LogLevel.Warning);
            builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
            builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
            builder.AddPortal();
        });
        app.MapPortal();
        await app.StartAsync(stopping);
        started = true;
        await FirstStart.WelcomeAsync(app, folder);
        await app.WaitForShutdownAsync(stopping);
    }
}
