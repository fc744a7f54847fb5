using System.Buffers;

namespace AiPipe.Proxy.Apis;

/// <summary>The path of an endpoint in the form of its dialect.</summary>
/// <param name="Path">Decoded, with a leading slash, without the query: <c>/v1/chat/completions</c>, <c>/models/m:generateContent</c>.</param>
/// <param name="Version">The version that the caller chose, of a provider with several; <c>null</c> = that of its address.</param>
internal readonly record struct ApiPath(string Path, string? Version = null)
{
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>The part of a path below a start, or <c>null</c>; the start ends at a slash or at the end of the path.</summary>
    public static string? Below(string start, string path) =>
        start.Length > 0 && path.StartsWith(start, StringComparison.Ordinal) && (path.Length == start.Length || path[start.Length] == '/')
            ? path[start.Length..] : null;

    /// <summary>True for <c>v1</c>, <c>v4</c>, <c>v1beta</c>.</summary>
    public static bool IsVersion(ReadOnlySpan<char> segment) =>
        segment is ['v', >= '0' and <= '9', ..] && !segment[1..].ContainsAnyExcept(VersionCharacters);
}
