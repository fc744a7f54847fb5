using System.Globalization;
using AiPipe.Bench.Load;
using AiPipe.Bench.Parts;
using AiPipe.Bench.Report;

namespace AiPipe.Bench.Scenarios;

/// <summary>How long each page of the portal takes to its first byte, and what it weighs, for one who opens one after the other.</summary>
internal static class Pages
{
    private const int Calls = 100;
    private const int WarmUps = 2;
    /// <summary>No more, or the visitor is told to come back in a minute: pages ask the API, which counts who asks.</summary>
    private const int Visits = 10;

    private static readonly string[] Paths =
    [
        "/", "/account", "/account/usage", "/account/keys", "/account/security", "/account/classes", "/playground",
        "/console", "/console/people", "/console/budgets", "/console/providers", "/console/routes", "/console/aliases", "/console/hosts",
        "/console/prices", "/console/salts", "/console/calls", "/console/audit",
    ];

    public static async Task RunAsync(AiPipeTarget target, Results results)
    {
        using var visitor = await PageVisitor.StartAsync(target.Ports[0], Calls);
        foreach (var path in Paths)
        {
            for (var i = 0; i < WarmUps; i++) await visitor.OpenAsync(path, new Times());
            var (firstByte, size) = (new Times(), 0);
            for (var i = 0; i < Visits; i++) size = await visitor.OpenAsync(path, firstByte);
            results.Add(new ResultRow($"page {path}", target.Name)
            {
                P50 = firstByte.Percentile(50),
                P99 = firstByte.Percentile(99),
                Note = string.Create(CultureInfo.InvariantCulture, $"{size / 1024d:0.0} KiB"),
            });
        }
    }
}
