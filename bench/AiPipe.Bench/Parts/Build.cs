namespace AiPipe.Bench.Parts;

/// <summary>Where the programs of this build are.</summary>
internal static class Build
{
    private const string Solution = "AiPipe.sln";

    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>The standalone start: Proxy, Portal and an embedded Postgres.</summary>
    public static string AppHost => Program("AiPipe.AppHost");

    /// <summary>The Proxy alone.</summary>
    public static string Proxy => Program("AiPipe.Proxy");

    /// <summary>Where results are kept.</summary>
    public static string Results => Path.Combine(Root, "bench", "results");

    // We are in bench/AiPipe.Bench/bin/Release/net10.0: theirs end like that, too.
    private static string Program(string name)
    {
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, name, "bin", ours.Parent!.Name, ours.Name, name + ".dll");
    }

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, Solution))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException($"{Solution} is in no folder above this program."));
}
