using System.Globalization;
using System.Text;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Money;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace AiPipe.Proxy.Calls;

/// <param name="Month">The user's spend in the calendar month, including this call; <c>null</c> if the counters are unavailable.</param>
internal sealed record CallCost(PicoUsd Cost, MonthSpend? Month);

/// <summary>
/// Reports a call's cost with AI Proxy's names, in USD: in headers if the response has not started at settlement, otherwise in trailers,
/// and in a comment at the end of event streams.
/// </summary>
internal static class CostHeaders
{
    private const string Cost = "cost";
    private const string MonthlyCost = "monthlyCost";
    private const string MonthlyRequests = "monthlyRequests";

    private const string Chunked = "chunked";
    private static readonly StringValues Announced = $"{Cost}, {MonthlyCost}, {MonthlyRequests}";

    public static void Set(CallContext call, HttpResponse response)
    {
        if (call.Cost is { } cost && !response.HasStarted) Set(cost, response.Headers);
    }

    /// <summary>Announces trailers, if the response can have them, and removes its Content-Length.</summary>
    public static void Announce(HttpResponse response)
    {
        var makesChunks = MakesChunks(response);
        if ((!makesChunks && !response.SupportsTrailers()) || response.StatusCode is StatusCodes.Status204NoContent
            or StatusCodes.Status205ResetContent) return;
        response.ContentLength = null;
        response.Headers.Trailer = Announced;
        if (makesChunks) response.Headers.TransferEncoding = Chunked;
    }

    /// <summary>
    /// True if AiPipe writes the chunks itself, to send trailers over HTTP/1.1. Kestrel then leaves the body unchanged; only its own
    /// connections have a data rate.
    /// </summary>
    public static bool MakesChunks(HttpResponse response) =>
        HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol)
            && response.HttpContext.Features.Get<IHttpMinResponseDataRateFeature>() is not null;

    public static bool ComesInChunks(HttpResponse response) => response.Headers.TransferEncoding == Chunked;

    public static void SetTrailers(CallContext call)
    {
        var http = call.Http;
        if (call.Cost is { } cost && http.Response.Headers.Trailer == Announced
            && http.Features.Get<IHttpResponseTrailersFeature>() is { } feature)
            Set(cost, feature.Trailers);
    }

    public static byte[] Lines(CallCost cost)
    {
        var month = cost.Month is { } spent ? $"{MonthlyCost}: {Text(spent.Cost)}\r\n{MonthlyRequests}: {Text(spent.Requests)}\r\n" : "";
        return Encoding.ASCII.GetBytes($"{Cost}: {Text(cost.Cost)}\r\n{month}");
    }

    /// <summary>A comment, which parsers of events ignore (https://html.spec.whatwg.org/multipage/server-sent-events.html).</summary>
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
