using System.Net;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Chaos;

/// <summary>The whole gateway on a disk that is full.</summary>
public sealed class FullDiskTests(PostgresFixture postgres)
{
    private const string Stream = """{"model":"gpt-4o-mini","stream":true,"messages":[]}""";
    private const string Call = """{"model":"gpt-4o-mini","messages":[]}""";
    private const int InFlight = 3;

    [Fact]
    public async Task New_calls_are_refused_those_in_flight_end_and_it_goes_on_without_a_restart()
    {
        using var disk = SmallDisk.MountOrSkip(1024);
        await using var gateway = await Gateway.StartAsync(await postgres.NewDatabaseAsync(), settings =>
        {
            settings["AiPipe:Ledger:Folder"] = Path.Combine(disk.Path, "journal");
            settings["AiPipe:Ledger:SegmentBytes"] = "32768";
        });
        var end = new TaskCompletionSource();
        gateway.Provider.Answer = async (http, seen) =>
        {
            if (!seen.Text.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                await Answers.Json(http, Answers.Chat(1000, 500));
                return;
            }
            await Answers.BeginStream(http);
            await Answers.Event(http, Answers.Chunk("word"));
            await end.Task;
            await Answers.Event(http, Answers.UsageChunk(1000, 500));
            await Answers.Event(http, "[DONE]");
        };
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < InFlight; i++)
            streams.Add(await gateway.Http.SendAsync(
                gateway.Post("/openai/v1/chat/completions", Stream), HttpCompletionOption.ResponseHeadersRead));

        disk.Fill();
        var answered = await CallUntilRefusedAsync(gateway);
        disk.Free();
        using (var again = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call))) Assert.Equal(
            HttpStatusCode.OK, again.StatusCode);
        disk.Fill();
        answered += 1 + await CallUntilRefusedAsync(gateway);

        end.SetResult();
        foreach (var stream in streams)
        {
            Assert.Contains("data: [DONE]\n\n", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            stream.Dispose();
        }
        await gateway.FlushAsync();
        Assert.Equal((answered + InFlight) * 0.00045m, await gateway.SpentAsync());
        Assert.Equal(answered + InFlight, gateway.Provider.Seen.Count);
        // Nothing in the journal is needed any more: its own room is enough to go on, and the disk is still full.
        using var last = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    /// <summary>How many calls the journal still had room for.</summary>
    private static async Task<int> CallUntilRefusedAsync(Gateway gateway)
    {
        for (var answered = 0; ; answered++)
        {
            Assert.InRange(answered, 0, 200);
            using var response = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", Call));
            if (response.StatusCode == HttpStatusCode.OK) continue;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("ledger_unavailable", await response.CodeAsync());
            Assert.NotNull(response.Headers.RetryAfter);
            return answered;
        }
    }
}
