using System.Globalization;

namespace AiPipe.Proxy.RateLimits;

/// <summary>The caller's limit in OpenAI's headers (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers).</summary>
internal static class RateHeaders
{
    public static void Set(IHeaderDictionary headers, CallRates? rates)
    {
        if (rates?.Own is var (limit, level))
        {
            Add(headers, "requests", limit.Requests, level.Requests);
            Add(headers, "tokens", limit.Tokens, level.Tokens);
        }
    }

    /// <summary>A duration in OpenAI's format: <c>250ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
    public static string Duration(long milliseconds)
    {
        if (milliseconds is > 0 and < 1000) return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        var (minutes, rest) = Math.DivRem(milliseconds, RateBucket.Unit);
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{rest / 1000m:0.###}s");
        var (hours, left) = Math.DivRem(minutes, 60);
        return hours > 0 ? string.Create(CultureInfo.InvariantCulture, $"{hours}h{left}m{seconds}")
            : minutes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}")
            : seconds;
    }

    private static void Add(IHeaderDictionary headers, string what, long limit, long lacks)
    {
        if (limit == 0) return;
        headers[$"x-ratelimit-limit-{what}"] = limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{what}"] = Math.Max(0, (limit * RateBucket.Unit - lacks) / RateBucket.Unit)
            .ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{what}"] = Duration(RateBucket.FullIn(lacks, limit));
    }
}
