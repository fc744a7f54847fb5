using System.Globalization;
using System.Text;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Calls;

/// <summary>What a call cost, once it is settled.</summary>
/// <param name="Cost">The call itself.</param>
/// <param name="Month">All that the person spent in its calendar month, this call included; <c>null</c> while the counters cannot say.</param>
internal sealed record CallCost(PicoUsd Cost, MonthSpend? Month);

/// <summary>
/// Tells callers what a call cost, by AI Proxy's names: USD as plain decimals. In headers where the answer has not begun when the call
/// is settled, else in trailers, and at the end of streams of events in a comment.
/// </summary>
internal static class CostHeaders
{
    private const string Cost = "cost";
    private const string MonthlyCost = "monthlyCost";
    private const string MonthlyRequests = "monthlyRequests";

    private const string Chunked = "chunked";
    private static readonly StringValues Announced = $"{Cost}, {MonthlyCost}, {MonthlyRequests}";

    /// <summary>Of a settled call, in the headers of an answer that has not begun; nothing otherwise.</summary>
    public static void Set(CallContext call, HttpResponse response)
    {
        if (call.Cost is { } cost && !response.HasStarted) Set(cost, response.Headers);
    }

    /// <summary>Says that trailers will tell, where there can be any: behind a body whose length nobody announces.</summary>
    public static void Announce(HttpResponse response)
    {
        var makesChunks = MakesChunks(response);
        if ((!makesChunks && !response.SupportsTrailers()) || response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent) return;
        response.ContentLength = null;
        response.Headers.Trailer = Announced;
        if (makesChunks) response.Headers.TransferEncoding = Chunked;
    }

    /// <summary>
    /// Trailers are ours to send, in chunks that are ours to make: over HTTP/1.1, and Kestrel then leaves what is written as it is. Only its own
    /// connections have a data rate. All clients are sent them: who does not know trailers passes over them.
    /// </summary>
    public static bool MakesChunks(HttpResponse response) =>
        HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol) && response.HttpContext.Features.Get<IHttpMinResponseDataRateFeature>() is not null;

    /// <summary>The answer comes in chunks of ours.</summary>
    public static bool ComesInChunks(HttpResponse response) => response.Headers.TransferEncoding == Chunked;

    /// <summary>The trailers where the server sends them, if they were announced.</summary>
    public static void SetTrailers(CallContext call)
    {
        var http = call.Http;
        if (call.Cost is { } cost && http.Response.Headers.Trailer == Announced && http.Features.Get<IHttpResponseTrailersFeature>() is { } feature)
            Set(cost, feature.Trailers);
    }

    /// <summary>The trailers as they stand behind the last chunk.</summary>
    public static byte[] Lines(CallCost cost)
    {
        var month = cost.Month is { } spent ? $"{MonthlyCost}: {Text(spent.Cost)}\r\n{MonthlyRequests}: {Text(spent.Requests)}\r\n" : "";
        return Encoding.ASCII.GetBytes($"{Cost}: {Text(cost.Cost)}\r\n{month}");
    }

    /// <summary>A comment that readers of events pass over (https://html.spec.whatwg.org/multipage/server-sent-events.html).</summary>
    public static byte[] Comment(CallCost cost)
    {
        var month = cost.Month is { } spent ? $" {MonthlyCost}={Text(spent.Cost)} {MonthlyRequests}={Text(spent.Requests)}" : "";
        return Encoding.ASCII.GetBytes($": {Cost}={Text(cost.Cost)}{month}\n\n");
    }

    private static void Set(CallCost cost, IHeaderDictionary headers)
    {
        headers[Cost] = Text(cost.Cost);
        if (cost.Month is not { } month) return;
        headers[MonthlyCost] = Text(month.Cost);
        headers[MonthlyRequests] = Text(month.Requests);
    }

    private static string Text(PicoUsd amount) => amount.ToUsd().ToString(CultureInfo.InvariantCulture);
    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
