using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Usage;

/// <summary>Streams all matching calls, page by page: a slow reader holds no Postgres connection.</summary>
internal sealed class CallsCsv(HttpContext http, CallFilter filter, bool tellsUser) : IResult
{
    private const int PageSize = 1000;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // The first page before the response begins, so that an error can still be returned.
        var page = await PageAsync(after: null);
        http.Response.ContentType = CsvText.MediaType;
        http.Response.Headers.ContentDisposition = "attachment; filename=\"calls.csv\"";
        var csv = new CsvText();
        Head(csv);
        while (true)
        {
            foreach (var row in page) Line(csv, row);
            await http.Response.BodyWriter.WriteAsync(csv.Take(), http.RequestAborted);
            if (page.Count < PageSize) return;
            page = await PageAsync(page[^1].Cursor);
        }
    }

    private Task<List<CallRow>> PageAsync(CallCursor? after) =>
        http.QueryWithTimeoutAsync((CallQueries calls, CancellationToken token) => calls.PageAsync(filter, after, PageSize, token));

    private void Head(CsvText csv)
    {
        foreach (var name in (string[])["id", "started_at"]) csv.Value(name);
        if (tellsUser) csv.Value("user");
        foreach (var name in (string[])[
            "kind", "provider", "model", "operation", "app", "key", "cost_usd", "estimated", "status", "latency_ms", "first_byte_ms",
            "input_tokens", "output_tokens", "trace_id"])
            csv.Value(name);
        csv.EndLine();
    }

    private void Line(CsvText csv, CallRow row)
    {
        csv.Value(row.Id).Value(row.StartedAt.UtcDateTime.ToString("O"));
        if (tellsUser) csv.Text(row.User);
        csv.Value(LedgerMapping.Name(row.Kind)).Text(row.Provider).Text(row.Model).Value(row.Operation).Text(row.App).Value(row.Key)
            .Value(row.Cost.ToUsd()).Value(row.Estimated ? "true" : "false").Value(row.Status).Value(row.LatencyMs).Value(row.FirstByteMs)
            .Value(row.Usage?.Input).Value(row.Usage?.Output).Value(row.TraceId).EndLine();
    }
}
