using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Metering;
using AiPipe.Tests.Apis.RequestBody;

namespace AiPipe.Tests.Metering;

/// <summary>Estimates are near the counts of OpenAI's tokenizers, and the bound of a request is above them.</summary>
public sealed class TokenEstimateTests
{
    private const double Least = 0.8, Most = 1.25;

    [Theory]
    [InlineData("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。", 24, 37)]
    [InlineData("人工智能正在改变我们的工作方式。", 8, 14)]
    [InlineData("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。", 32, 39)]
    [InlineData("모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", 24, 41)]
    [InlineData("本月公司收入增长，主要来自海外市场的扩张。", 14, 21)]
    [InlineData("東京は日本の首都であり、世界有数の大都市である。", 18, 25)]
    [InlineData("3.14159265358979323846264338327950288", 14, 14)]
    [InlineData("2024-11-30,17.5,22.1,1013.2;2024-12-01,16.9,21.8,1012.7", 39, 39)]
    [InlineData("4111 1111 1111 1111", 11, 11)]
    [InlineData("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", 29, 29)]
    [InlineData("299792458", 3, 3)]
    [InlineData("10:15:30.123 10:15:31.456 10:15:32.789", 23, 23)]
    [InlineData("😀😃😄😁😆😅", 10, 12)]
    [InlineData("🎉🎊🥳🎂🎁🎈", 12, 18)]
    [InlineData("🌍🌎🌏🌋🗻🏔", 13, 18)]
    [InlineData("🚀🛸🛰🔭🌌", 11, 15)]
    [InlineData("🐶🐱🐭🐹🐰🦊🐻", 15, 21)]
    [InlineData("🍏🍎🍐🍊🍋🍌🍉", 14, 21)]
    [InlineData("dGhlIHF1aWNrIGJyb3duIGZveA8fJ2kQxZ7wLm3PvT9RbYc5HnUeSa1", 43, 46)]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk", 29, 30)]
    [InlineData("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", 24, 24)]
    [InlineData("Zk9xV3p0TDhQcjJNbkI1SGpLc0RmR2E3UXdFeVJ0VWlPcA==", 37, 41)]
    [InlineData("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", 32, 37)]
    [InlineData("x9Kf2LmQ7vTz0RbWc8HnPyJe5GdAuXo3SiMk6ZlV1tBw", 36, 40)]
    [InlineData("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 43, 43)]
    [InlineData("550e8400-e29b-41d4-a716-446655440000", 18, 18)]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e", 19, 19)]
    [InlineData("da39a3ee5e6b4b0d3255bfef95601890afd80709", 23, 23)]
    [InlineData("0a1b2c3d4e5f60718293a4b5c6d7e8f9", 27, 27)]
    [InlineData("3c59dc048e8850243be8079a5c74d079", 18, 18)]
    public void Text_is_estimated_near_its_tokens(string text, int o200k, int cl100k)
    {
        var estimate = Estimate(text);
        Assert.InRange(estimate, Least * Math.Min(o200k, cl100k), Most * Math.Max(o200k, cl100k));
        Assert.InRange(estimate, 1, Encoding.UTF8.GetByteCount(text));

        // The default encoder escapes all that is not ASCII, and some marks.
        var escaped = JsonSerializer.Serialize(text)[1..^1];
        if (!text.Contains('+', StringComparison.Ordinal)) Assert.Equal(estimate, Estimate(escaped));
        for (var at = 1; at < escaped.Length; at++) Assert.Equal(Estimate(escaped), Estimate(escaped[..at], escaped[at..]));

        foreach (var content in (string[])[text, escaped])
        {
            var body = Scanned.Fields("chat", $$""" "messages":[{"role":"user","content":"{{content}}"}] """).Passed;
            Assert.InRange(body.InputTokensAtMost!.Value, Math.Max(o200k, cl100k), long.MaxValue);
            Assert.InRange(body.InputTokensLikely, estimate, estimate + 20);
        }
    }

    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog, and nobody was surprised by it.")]
    [InlineData("Four score and seven years ago our fathers brought forth on this continent a new nation.")]
    [InlineData("Все люди рождаются свободными и равными в своем достоинстве и правах.")]
    public void Prose_has_four_bytes_per_token(string text) =>
        Assert.InRange(Estimate(text), Encoding.UTF8.GetByteCount(text) / 4, Encoding.UTF8.GetByteCount(text) / 4 + 2);

    [Fact]
    public void Each_number_of_a_list_of_tokens_is_one()
    {
        var numbers = string.Join(',', Enumerable.Range(10_000, 1000));
        var body = Scanned.Fields("embeddings", $$""" "input":[{{numbers}}] """).Passed;
        Assert.InRange(body.InputTokensLikely, 1000, 1300);
    }

    private static long Estimate(params string[] spans)
    {
        var estimate = new TokenEstimate(isDocument: false);
        foreach (var span in spans) estimate.Read(Encoding.UTF8.GetBytes(span));
        return estimate.Tokens;
    }
}
