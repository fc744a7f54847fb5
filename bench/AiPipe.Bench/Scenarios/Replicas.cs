using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

internal static class Replicas
{
    public static Task RunAsync(Folder folder, Results results) => Task.CompletedTask;
}
