using System.Diagnostics;

namespace AiPipe.Tests.Support;

/// <summary>Waits for what another process or thread brings about, and fails when it does not.</summary>
internal static class Eventually
{
    /// <summary>More than the busiest machine needs for anything: it ends a test that would hang, and says nothing of speed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> isSo, string what)
    {
        for (var begun = Stopwatch.GetTimestamp(); !await isSo(); await Task.Delay(BetweenLooks))
            if (Stopwatch.GetElapsedTime(begun) > Limit) throw new TimeoutException($"It did not come to pass: {what}.");
    }

    public static Task TrueAsync(Func<bool> isSo, string what) => TrueAsync(() => Task.FromResult(isSo()), what);
}
