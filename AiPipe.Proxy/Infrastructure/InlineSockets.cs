namespace AiPipe.Proxy.Infrastructure;

/// <summary>Optional inline socket callbacks: streams use a third less CPU, but long computations delay other callers.</summary>
internal static class InlineSockets
{
    /// <summary>True if .NET's own switch is set, which it reads at the first socket; one without the other gains nothing.</summary>
    public static bool AreChosen => Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";
}
