using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Usage;

internal static class CallContracts
{
    /// <summary>The most models, apps and keys in a report: callers can choose some of these names.</summary>
    private const int MostListed = 500;

    public static CallInfo ToContract(this CallRow row, bool tellsUser) => new()
    {
        Id = row.Id,
        User = tellsUser ? row.User : null,
        StartedAt = row.StartedAt.UtcDateTime,
        Kind = LedgerMapping.Name(row.Kind),
        Provider = row.Provider,
        Model = row.Model,
        Operation = row.Operation,
        App = row.App,
        Key = row.Key,
        Cost = row.Cost.ToUsd(),
        Estimated = row.Estimated,
        Status = row.Status,
        LatencyMs = row.LatencyMs,
        FirstByteMs = row.FirstByteMs,
        InputTokens = row.Usage?.Input,
        OutputTokens = row.Usage?.Output,
        TraceId = row.TraceId,
    };

    public static CallDetails ToContract(this LedgerEntry entry, bool tellsUser) => new()
    {
        Id = entry.Id,
        User = tellsUser ? entry.User : null,
        StartedAt = entry.StartedAt.UtcDateTime,
        Kind = LedgerMapping.Name(entry.Kind),
        Provider = entry.Provider,
        Model = entry.Model,
        Operation = entry.Operation,
        App = entry.App,
        Key = entry.ApiKey,
        Cost = entry.Cost.ToUsd(),
        Estimated = entry.Estimated,
        Status = entry.Status,
        LatencyMs = entry.LatencyMs,
        FirstByteMs = entry.FirstByteMs,
        InputTokens = entry.Usage?.Input,
        OutputTokens = entry.Usage?.Output,
        TraceId = entry.TraceId,
        Usage = entry.Usage is { } usage ? ToContract(usage) : null,
        Receipt = entry.Receipt is { } receipt ? ToContract(receipt) : null,
        Scopes = entry.Scopes,
        Timeline = [.. entry.Timeline?.Stages().Select(stage => new CallStage(stage.Stage, stage.Ms)) ?? []],
        ResponseId = entry.ResponseId,
        Note = entry.Note,
    };

    public static SpendReport CreateReport(DateOnly from, DateOnly to, IReadOnlyList<SpendSum> sums)
    {
        var total = sums.SingleOrDefault(sum => sum.Of == SpendPart.Total);
        return new SpendReport
        {
            From = from,
            To = to,
            Cost = total?.Cost ?? 0,
            Calls = total?.Calls ?? 0,
            Days = [.. sums.Where(sum => sum.Of == SpendPart.Day).OrderBy(sum => sum.Day)
                .Select(sum => new SpendByDay(sum.Day!.Value, sum.Calls, sum.Cost))],
            Models = [.. Dearest(SpendPart.Model)
                .Select(sum => new SpendByModel(sum.Provider!, sum.Model, sum.Calls, sum.Input, sum.Output, sum.Cost))],
            Apps = [.. Dearest(SpendPart.App).Select(sum => new SpendByApp(sum.App!, sum.Calls, sum.Cost))],
            Keys = [.. Dearest(SpendPart.Key).Select(sum => new SpendByKey(sum.Key!.Value, sum.KeyName, sum.Calls, sum.Cost))],
        };

        IEnumerable<SpendSum> Dearest(SpendPart part) =>
            sums.Where(sum => sum.Of == part).OrderByDescending(sum => sum.Cost).Take(MostListed);
    }

    private static ReportedUsage ToContract(TokenUsage usage) => new()
    {
        Input = usage.Input,
        CacheRead = usage.CacheRead,
        CacheWrite = usage.CacheWrite,
        CacheWrite1h = usage.CacheWrite1h,
        InputAudio = usage.InputAudio,
        InputImage = usage.InputImage,
        Output = usage.Output,
        Reasoning = usage.Reasoning,
        OutputAudio = usage.OutputAudio,
        OutputImage = usage.OutputImage,
        WebSearches = usage.WebSearches,
        ReportedCost = usage.ReportedCost,
    };

    private static CallReceipt ToContract(Receipt receipt) => new(
        receipt.Version,
        [.. receipt.Lines.Select(
            line => new CallReceiptLine(line.What, line.Count, line.UsdPerMillion, line.Count * line.UsdPerMillion / 1_000_000))],
        receipt.Formula,
        receipt.Cost.ToUsd());
}
