using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger.Entries;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Pricing;
using Microsoft.EntityFrameworkCore;

namespace AiPipe.Proxy.Usage;

/// <summary>Estimates what a call costs and whether it would be sent, without sending it.</summary>
internal sealed class CallEstimates(AiPipeDb db, CallPipeline pipeline, ReservationStage budgets, RateLimitStage rates, TimeProvider clock)
{
    /// <summary>In tokens: a short answer to a short question.</summary>
    private const long UsualOutput = 500;
    /// <summary>The latest calls whose output is averaged, and how far back they may be.</summary>
    private const int RecentCalls = 20, RecentDays = 30;

    /// <summary>The estimate, or why none can be made: the caller may not call, or the request is wrong.</summary>
    public async Task<(CallEstimate? Estimate, Refusal? Refusal)> EstimateAsync(CallContext call)
    {
        call = await pipeline.PrepareAsync(call);
        if (call.Refusal is { } refusal) return (null, refusal);
        if (call is not { Caller: Caller.User caller, Price: { } price, Endpoint.Api: { } api })
            return (null, Refusal.InvalidRequest("This call costs nothing here: it is free, or paid with your own provider key."));

        var (reserved, refused) = await budgets.PreviewAsync(call);
        refused ??= await rates.PeekAsync(call);
        var most = BudgetFit.MostCost(call.Bound);
        var input = Math.Min(call.Body.InputTokensLikely, call.Body.InputTokensAtMost ?? long.MaxValue);
        var output = api.HasOutput ? await OutputAsync(call, caller.Email) : 0;
        return (new CallEstimate
        {
            Provider = call.Provider.Name,
            Model = call.Body.Model,
            MaxCost = most.ToUsd(),
            LikelyCost = PicoUsd.Min(most, LikelyCost(call, price, input, output)).ToUsd(),
            InputTokens = input,
            OutputTokens = output,
            Passes = refused is null,
            Reserved = refused is null ? reserved?.Amount.ToUsd() : null,
            MaxOutputTokens = refused is null ? reserved?.OutputLimit : null,
            Error = refused is null ? null : OpenAiErrorFormat.Describe(refused),
        }, null);
    }

    private static PicoUsd LikelyCost(CallContext call, PricedModel price, long input, long output)
    {
        // The tokens of an image or a sound are not in the request.
        if (call.Body.OutputTokensAtMost is not null && price.Settle.Units is null) return BudgetFit.MostCost(call.Bound);
        var usage = new TokenUsage { Input = input, Output = output * call.Body.Answers };
        // A model that may search usually does so once.
        if (call.Body.WebSearchesAtMost > 0) usage = usage with { WebSearches = 1 };
        return CostCalculator.Calculate(price, usage, call.Body.ServiceTier).Cost;
    }

    /// <summary>In tokens, for one answer; never more than the request or the model allows.</summary>
    private async Task<long> OutputAsync(CallContext call, string email)
    {
        var (provider, model, since) = (call.Provider.Name, call.Body.Model, clock.GetUtcNow().AddDays(-RecentDays));
        var recent = await db.LedgerEntries.AsNoTracking()
            .Where(entry => entry.User == email && entry.StartedAt >= since && entry.Provider == provider && entry.Model == model
                && !entry.Estimated && entry.Usage != null)
            .OrderByDescending(entry => entry.StartedAt).Take(RecentCalls).Select(entry => entry.Usage)
            .ToListAsync(call.Http.RequestAborted);
        // Of nullable numbers, the average leaves out those that are missing.
        var usual = recent.Average(static usage => usage?.Output) is { } average ? (long)Math.Ceiling(average) : UsualOutput;
        return Math.Min(usual, Math.Min(call.Bound.StatedOutput ?? usual, call.Bound.ModelOutput ?? usual));
    }
}
