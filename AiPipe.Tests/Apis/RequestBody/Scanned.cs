using System.Globalization;
using System.Text;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Apis.Completions;
using AiPipe.Proxy.Apis.Embeddings;
using AiPipe.Proxy.Apis.Gemini;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.Responses;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Upstream;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>A body as the scanner read it, and what became of it.</summary>
internal sealed record Scanned(Refusal? Refusal, CallBody? Body)
{
    private static readonly Dictionary<string, ProviderEndpoint> Endpoints = new(StringComparer.Ordinal)
    {
        ["chat"] = new(ChatCompletionsApi.Instance, "chat"),
        ["completions"] = new(CompletionsApi.Instance, "text_completion"),
        ["responses"] = new(ResponsesApi.Instance, "chat"),
        ["embeddings"] = new(EmbeddingsApi.Instance, "embeddings"),
        ["generate"] = new(GeminiGenerateApi.Instance, "generate_content", "m"),
        ["stream"] = new(GeminiGenerateApi.Instance, "generate_content", "m", Streams: true),
        ["embed"] = new(GeminiEmbedApi.Instance, "embeddings", "m"),
    };

    /// <summary>Scans bytes as the body of an API's call.</summary>
    internal static Scanned Parse(string api, byte[] bytes)
    {
        var refusal = Endpoints[api].Api!.ReadBody(bytes, Endpoints[api], Provider(api).Name, out var body);
        // Whoever is refused gets no body to send; the model's absence is found out last.
        if (refusal is null) Assert.NotNull(body);
        return new(refusal, body);
    }

    internal static Scanned Parse(string api, string json) => Parse(api, Encoding.UTF8.GetBytes(json));

    /// <summary>Scans a body of the given fields and the model <c>m</c>.</summary>
    internal static Scanned Fields(string api, string fields) =>
        Parse(api, IsGemini(api) ? $"{{{fields}}}" : $$"""{"model":"m",{{fields}}}""");

    internal CallBody Passed
    {
        get
        {
            Assert.Null(Refusal);
            Assert.Equal("m", Body!.Model);
            return Body;
        }
    }

    /// <summary>All that decides what the call costs and is not as usual, in words.</summary>
    internal string Words()
    {
        var body = Passed;
        var words = new List<string>();
        if (body.Streams) words.Add("streams");
        if (body.OutputLimit is { } limit) words.Add(string.Create(CultureInfo.InvariantCulture, $"limit {limit}"));
        if (body.Answers != 1) words.Add(string.Create(CultureInfo.InvariantCulture, $"answers {body.Answers}"));
        if (body.ServiceTier is { } tier) words.Add("tier " + tier);
        if (body.HasAudio) words.Add("audio");
        if (body.HasImages) words.Add("images");
        if (body.WebSearchesAtMost != 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"searches {body.WebSearchesAtMost}"));
        if (body.InputTokensAtMost is null) words.Add("elsewhere");
        return string.Join(", ", words);
    }

    /// <summary>The body as it is sent when the answer may have <paramref name="limit"/> tokens at most.</summary>
    internal static string Sent(string api, string json, long? limit = null, bool reportsCost = false, string limitField = "max_tokens",
        Price? price = null)
    {
        var body = Parse(api, json).Passed;
        var provider = Provider(api) with { ReportsCost = reportsCost, ChatLimitField = limitField, TakesMaxPrice = price is not null };
        var call = new CallContext(new DefaultHttpContext(), provider, "/", DateTimeOffset.UnixEpoch)
        {
            Caller = new Caller.User("ann@example.com", IsAdmin: false, Allowance: null),
            Endpoint = Endpoints[api],
            Body = body,
            Price = price is null ? null : new PricedModel(price, price, "test", MaxOutputTokens: null, ContextTokens: null),
            Reservation = new Reservation(Guid.Empty, [], new CostLimit(new(1), limit), DateOnly.MinValue),
        };
        using var edited = new EditedBody(body.Bytes, BodyEdits.For(call));
        using var reader = new StreamReader(edited, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static bool IsGemini(string api) => Endpoints[api].PathModel is not null;

    private static Provider Provider(string api) =>
        KnownProviders.All.First(provider => provider.Dialect == (IsGemini(api) ? Dialect.Gemini : Dialect.OpenAi));
}
