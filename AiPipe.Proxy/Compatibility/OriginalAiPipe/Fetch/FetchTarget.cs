using System.Text;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;

/// <summary>The address to fetch: everything after <c>/proxy/</c>, as the caller wrote it.</summary>
internal static class FetchTarget
{
    public const string Prefix = "/proxy/";

    /// <summary>Returns the target or the refusal.</summary>
    /// <param name="rawTarget">The raw request target: its decoded path would have lost slashes and escapes.</param>
    /// <param name="target">Its <see cref="Uri.OriginalString"/> is ASCII, so that it is valid in a header.</param>
    public static Refusal? Read(string rawTarget, out Uri? target)
    {
        target = null;
        var start = rawTarget.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        var text = start < 0 ? "" : Mend(rawTarget[(start + Prefix.Length)..]);
        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return Refusal.InvalidRequest("URL must begin with http");
        if (!Ascii.IsValid(text) || !Uri.TryCreate(text, UriKind.Absolute, out target)) return Refusal.InvalidRequest(
            "The URL cannot be read.");
        return Check(target);
    }

    public static Refusal? Check(Uri target)
    {
        if (target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps) return Refusal.InvalidRequest(
            "URL must begin with http");
        return target.UserInfo.Length > 0 ? Refusal.InvalidRequest("The URL must not hold a user name or password.") : null;
    }

    /// <summary>Restores the slash that some clients and proxies remove from <c>https://</c> inside a path.</summary>
    private static string Mend(string text)
    {
        var colon = text.IndexOf(":/", StringComparison.Ordinal);
        return colon is 4 or 5 && text.AsSpan(colon) is not [':', '/', '/', ..] ? text.Insert(colon + 1, "/") : text;
    }
}
