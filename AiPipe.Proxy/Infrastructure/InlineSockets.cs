namespace AiPipe.Proxy.Infrastructure;

/// <summary>
/// Sockets that are served on the thread that heard of them, where the environment chooses that: streams cost a third less CPU.
/// Not the default: whatever computes long on such a thread (a similarity, the first query of a page) holds up half of all callers.
/// </summary>
internal static class InlineSockets
{
    /// <summary>True where .NET itself was told so (it reads this when a process makes its first socket); one half alone gains nothing.</summary>
    public static bool AreChosen => Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";
}
