using System.Globalization;

namespace AiPipe.Bench.Parts;

/// <summary>What the kernel counts of processes (https://man7.org/linux/man-pages/man5/proc.5.html).</summary>
internal static class Proc
{
    private const double SecondsPerTick = 0.01; // USER_HZ is 100 on every Linux that .NET runs on.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int ReapedSystemTime = 14;
    private const int ResidentPages = 21;

    /// <summary>CPU seconds of a process, of its children, and of those children that have ended.</summary>
    public static double CpuOfFamily(int pid) => Ticks(Stat(pid)) * SecondsPerTick + ChildrenOf(pid).Sum(CpuOfFamily);

    /// <summary>CPU seconds of one process.</summary>
    public static double CpuOf(int pid) => Stat(pid).Skip(UserTime).Take(2).Sum(Number) * SecondsPerTick;

    /// <summary>Resident memory in MB (10⁶ bytes), children included.</summary>
    public static double MemoryOfFamily(int pid) =>
        Number(Stat(pid)[ResidentPages]) * Environment.SystemPageSize / 1e6 + ChildrenOf(pid).Sum(MemoryOfFamily);

    private static double Ticks(string[] stat) => stat[UserTime..(ReapedSystemTime + 1)].Sum(Number);

    private static List<int> ChildrenOf(int pid) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var child)
                ? child : 0)
            .Where(child => child > 0 && Number(Stat(child)[Parent]) == pid),
    ];

    /// <summary>The fields from the third on (the second, in parentheses, may hold blanks); all zero for a process that ended.</summary>
    private static string[] Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [.. Enumerable.Repeat("0", ResidentPages + 1)];
        }
    }

    private static double Number(string field) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
