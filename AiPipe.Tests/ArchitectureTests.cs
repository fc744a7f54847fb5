using System.Text.RegularExpressions;
using AiPipe.Tests.Support;

namespace AiPipe.Tests;

/// <summary>Keeps the direction of imports between the rooms (folders) of the Proxy, so that there are no cycles.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>From the bottom to the top: a room imports only the ones before it.</summary>
    private static readonly string[] Rooms =
    [
        "Money", "Errors", "Metering", "Apis", "Infrastructure", "Providers", "Pricing", "Ledger.Entries", "Budgets", "Callers", "Counters",
            "Ledger",
        "RateLimits", "Routing", "Calls", "Upstream", "Pipeline", "Usage", "Settings", "Accounts", "Compatibility", "Telemetry",
            "CommandLine",
    ];

    private static readonly string Root = Path.Combine(Repository.Folder, "AiPipe.Proxy");

    [Fact]
    public void Rooms_import_only_the_rooms_below_them()
    {
        var upward =
            from folder in Directory.EnumerateDirectories(Root)
            from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            let room = RoomOf(Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '.'))
            // EF writes the migrations, with the full names of all entities.
            where room is not null && !file.Contains("Migrations", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from Match name in QualifiedName().Matches(line)
            let imported = RoomOf(name.Value.Replace("AiPipe.Proxy.", "", StringComparison.Ordinal) + ".")
            where imported is not null && Array.IndexOf(Rooms, imported) > Array.IndexOf(Rooms, room) && IsNamespaceOrType(name.Value)
            select $"{Path.GetRelativePath(Root, file)} imports {imported}, which is above {room}.";
        Assert.Empty(upward.Distinct());
    }

    [Fact]
    public void Every_folder_is_a_room() => Assert.Empty(
        Directory.EnumerateDirectories(Root).Select(static folder => Path.GetFileName(folder))
            .Except([.. Rooms, "Properties", "bin", "obj"]));

    private static string? RoomOf(string name) =>
        Rooms.Where(room => name.StartsWith(room + ".", StringComparison.Ordinal)).MaxBy(static room => room.Length);

    /// <summary>False for the members of a property that is named like a room.</summary>
    private static bool IsNamespaceOrType(string name) =>
        name.StartsWith("AiPipe.", StringComparison.Ordinal)
            || File.Exists(Path.Combine(Root, name.Replace('.', Path.DirectorySeparatorChar) + ".cs"));

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+(?:\.[A-Z]\w+)+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QualifiedName();
}
