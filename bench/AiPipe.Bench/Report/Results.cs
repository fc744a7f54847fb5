using System.Globalization;
using System.Text.Json;
using AiPipe.Bench.Parts;

namespace AiPipe.Bench.Report;

/// <summary>Prints rows as a table as they come, and keeps them as lines of JSON.</summary>
internal sealed class Results
{
    private readonly string _file;

    public Results(DateTimeOffset now)
    {
        Directory.CreateDirectory(Build.Results);
        _file = Path.Combine(Build.Results, now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + ".jsonl");
        Console.WriteLine("| scenario | target | per second | p50 ms | p99 ms | CPU µs | Postgres µs | memory MB | errors | |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
    }

    public void Add(ResultRow row)
    {
        File.AppendAllText(_file, JsonSerializer.Serialize(row, ResultJson.Default.ResultRow) + "\n");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {row.Scenario} | {row.Target} | {row.PerSecond:N0} | {row.P50:0.00} | {row.P99:0.00} | {row.Cpu:0.0} | "
                + $"{row.PostgresCpu:0.0} | {row.Memory:0} | {row.Errors} | {row.Note} |"));
    }
}
