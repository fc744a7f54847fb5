using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Pricing;
using static System.FormattableString;

namespace AiPipe.Proxy.Calls;

/// <summary>A provider's usage report, checked against what passed.</summary>
/// <param name="Usage">Without implausible counts: zero for input that was sent, less output than was delivered.</param>
/// <param name="Implausible">Why the report cannot be true, with its numbers; <c>null</c> = it can.</param>
internal readonly record struct CheckedReport(TokenUsage? Usage, string? Implausible)
{
    /// <summary>More than any call runs.</summary>
    private const long MostSearches = 1_000;

    public static CheckedReport Read(CallContext call)
    {
        if (call.UsageReader is not { Usage: { } usage } reader) return default;
        // Other providers' cost is ignored.
        if (!call.Provider.ReportsCost) usage = usage with { ReportedCost = null };
        if (Implausibility(call, usage) is { } why) return new CheckedReport(Usage: null, why);
        if (usage.Input == 0 && call.Body.InputTokensLikely > 0) usage = usage with { Input = null };
        if (usage.Output is { } output && reader.Output.Exceeds(output)) usage = usage with { Output = null };
        // Free models cost nothing, but they report tokens.
        if (usage is { ReportedCost: 0 } and not { Input: not null, Output: not null }) usage = usage with { ReportedCost = null };
        return new CheckedReport(usage, Implausible: null);
    }

    private static string? Implausibility(CallContext call, TokenUsage usage)
    {
        var most = MostTokens(call);
        var (input, output) = (usage.Input ?? 0, usage.Output ?? 0);
        var cached = (usage.CacheRead ?? 0) + Math.Max(usage.CacheWrite ?? 0, usage.CacheWrite1h ?? 0);
        var inputMedia = Math.Max(usage.InputAudio ?? 0, usage.InputImage ?? 0);
        var outputMedia = (usage.OutputAudio ?? 0) + (usage.OutputImage ?? 0);
        if (input > most || output > most - input)
            return Invariant($"{input} input and {output} output tokens exceed the context and the output limit of the model ({most})");
        if (cached > input) return Invariant($"{cached} cached tokens are more than all input tokens ({input})");
        if (inputMedia > input) return Invariant($"{inputMedia} audio or image tokens are more than all input tokens ({input})");
        if (usage.Reasoning > output) return Invariant($"{usage.Reasoning} reasoning tokens are more than all output tokens ({output})");
        if (outputMedia > output) return Invariant($"{outputMedia} audio or image tokens are more than all output tokens ({output})");
        return usage.WebSearches > MostSearches ? Invariant($"{usage.WebSearches} web searches are more than a call can run") : null;
    }

    /// <summary>The context and the output limit; once more for each search, which starts the model anew with what it found.</summary>
    private static long MostTokens(CallContext call)
    {
        var (body, bound) = (call.Body, call.Bound);
        // A request can have several prompts, each with a context of its own.
        var input = Math.Max(call.Price!.ContextTokens ?? WorstCase.UnknownContextTokens, body.InputTokensAtMost ?? 0);
        var limit = Math.Max(bound.StatedOutput ?? 0, Math.Max(bound.ModelOutput ?? 0, call.Reservation!.Limit.OutputLimit ?? 0));
        var output = limit > 0 || !bound.CanLimit ? limit : input;
        return (input + output * body.Answers) * (1 + body.WebSearchesAtMost) + (body.OutputTokensAtMost ?? 0);
    }
}
