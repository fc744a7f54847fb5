using System.Text;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Scenarios;

/// <summary>Large answers flow through: they are read as they pass and never kept.</summary>
public sealed class LargeAnswerTests(PostgresFixture postgres)
{
    private const int AnswerBytes = 256 << 20;
    private const int PieceBytes = 64 << 10;
    /// <summary>What a process of this size may need for a while without having kept the answer.</summary>
    private const long AllowedGrowthKiB = 64 << 10;

    [Fact]
    public async Task Answer_of_256_MB_is_metered_from_its_end_without_being_kept()
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Answer = async (http, seen) =>
        {
            http.Response.ContentType = "application/json";
            var size = seen.Text.Contains("large", StringComparison.Ordinal) ? AnswerBytes : PieceBytes;
            var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0.0123456789,", PieceBytes / 13)));
            await http.Response.Body.WriteAsync("""{"object":"list","data":[{"index":0,"embedding":["""u8.ToArray());
            for (var sent = 0; sent < size; sent += piece.Length) await http.Response.Body.WriteAsync(piece, http.RequestAborted);
            await http.Response.Body.WriteAsync("""0]}],"usage":{"prompt_tokens":1000,"total_tokens":1000}}"""u8.ToArray());
        };
        var settings = Gateway.Settings(await postgres.NewDatabaseAsync(), provider.Address, Scratch.NewFolder("gateway"));
        await using var gateway = await GatewayProcess.StartAsync(settings);

        await EmbedAsync(gateway, "small");
        var before = gateway.PeakMemoryKiB();
        await EmbedAsync(gateway, "large");
        Assert.InRange(gateway.PeakMemoryKiB() - before, 0, AllowedGrowthKiB);

        Assert.Equal(2 * 0.00002m, (await gateway.UsageAsync(Gateway.Ann)).Spent);
    }

    private static async Task EmbedAsync(GatewayProcess gateway, string input)
    {
        using var request = GatewayProcess.Post(Gateway.Ann, $$"""{"model":"text-embedding-3-small","input":"{{input}}"}""", "/openai/v1/embeddings");
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await (await response.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);
    }
}
