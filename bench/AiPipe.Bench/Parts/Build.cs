namespace AiPipe.Bench.Parts;

/// <summary>Paths in this build.</summary>
internal static class Build
{
    private const string Solution = "AiPipe.sln";

    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Proxy => Program("AiPipe.Proxy");

    /// <summary>The folder of the results.</summary>
    public static string Results => Path.Combine(Root, "bench", "results");

    // This program lies in bench/AiPipe.Bench/bin/Release/net10.0; the output folders of the others end alike.
    private static string Program(string name)
    {
        var ours = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, name, "bin", ours.Parent!.Name, ours.Name, name + ".dll");
    }

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, Solution))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException($"{Solution} is in no folder above this program."));
}
