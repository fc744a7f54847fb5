using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Fixtures;

/// <summary>
/// How a provider bills its calls by itself: what it has sent, it bills, whoever read it. Every event reports the usage so far, and the
/// next is sent only when its reader has read it (<see cref="ReadAsync"/>), so that provider, gateway and caller agree to the token on what
/// passed, wherever a stream is cut.
/// </summary>
internal sealed class ProviderBills
{
    /// <summary>
    /// As many as the gateway lets pass between two marks in its journal, of as many bytes as the longest token has: each event is marked.
    /// </summary>
    public const int TokensPerEvent = 64;
    private const string Token = "sixteen letters ";
    private const int BytesPerInputToken = 4;

    private readonly TaskCompletionSource _halfWay = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, Bill> _bills = new(StringComparer.Ordinal);
    private int _ended;

    /// <summary>After how many calls <see cref="HalfWay"/> is.</summary>
    public int Half { get; init; } = int.MaxValue;

    public Task HalfWay => _halfWay.Task;

    /// <summary>Every call that reached the provider, by the id of its answer.</summary>
    public IReadOnlyDictionary<string, Bill> All => _bills;

    public decimal Total => _bills.Values.Sum(bill => bill.Cost);

    /// <summary>What is billed to calls that name this user in their field <c>user</c>.</summary>
    public decimal TotalOf(string user) => _bills.Values.Where(bill => bill.User == user).Sum(bill => bill.Cost);

    /// <summary>Answers as long as it may: give this to a <see cref="FakeProvider"/>.</summary>
    public async Task AnswerAsync(HttpContext http, SeenRequest seen)
    {
        var request = JsonDocument.Parse(seen.Body).RootElement;
        var most = request.GetProperty("max_tokens").GetInt32();
        var user = request.TryGetProperty("user", out var named) ? named.GetString()! : "";
        var bill = new Bill($"chatcmpl-{Guid.NewGuid():N}", user, seen.Body.Length / BytesPerInputToken);
        _bills[bill.Id] = bill;
        try
        {
            if (request.TryGetProperty("stream", out var stream) && stream.GetBoolean()) await StreamAsync(http, bill, most);
            else await Answers.Json(http, bill.Answer(most));
        }
        finally
        {
            if (Interlocked.Increment(ref _ended) == Half) _halfWay.TrySetResult();
        }
    }

    /// <summary>Reads a stream in step with the provider.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="goOn">Asked after each event, with their number so far; false = the reader leaves.</param>
    /// <param name="cancellationToken">Ends the patience.</param>
    /// <returns>True when it was read to its end.</returns>
    /// <exception cref="IOException">It broke off.</exception>
    public async Task<bool> ReadAsync(HttpResponseMessage response, Func<int, ValueTask<bool>> goOn, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        for (var events = 0; await lines.ReadLineAsync(cancellationToken) is { } line;)
        {
            if (line == "data: [DONE]") return true;
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            if (!await goOn(++events)) return false;
            _bills[JsonDocument.Parse(line["data: ".Length..]).RootElement.GetProperty("id").GetString()!].WasRead.Release();
        }
        throw new IOException("The stream ended before its end.");
    }

    private static async Task StreamAsync(HttpContext http, Bill bill, int most)
    {
        await Answers.BeginStream(http);
        while (bill.Output < most)
        {
            await Answers.Event(http, bill.Event(Math.Min(TokensPerEvent, most - bill.Output), most));
            await bill.WasRead.WaitAsync(http.RequestAborted);
        }
        await Answers.Event(http, "[DONE]");
    }

    /// <summary>One call's.</summary>
    internal sealed class Bill(string id, string user, int input)
    {
        private volatile int _output;

        public string Id => id;
        public string User => user;
        public int Output => _output;
        /// <summary>USD, at the prices of gpt-4o-mini.</summary>
        public decimal Cost => (input * 0.15m + _output * 0.6m) / 1_000_000;
        public SemaphoreSlim WasRead { get; } = new(0);

        public string Answer(int tokens)
        {
            _output = tokens;
            return Answers.Chat(input, tokens).Replace("chatcmpl-1", id, StringComparison.Ordinal);
        }

        public string Event(int tokens, int most)
        {
            _output += tokens;
            var content = string.Concat(Enumerable.Repeat(Token, tokens));
            return $$"""
                {"id":"{{id}}","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"{{content}}"},
                "finish_reason":{{(_output < most ? "null" : "\"length\"")}}}],"usage":{{Answers.Usage(input, _output)}}}
                """;
        }
    }
}
