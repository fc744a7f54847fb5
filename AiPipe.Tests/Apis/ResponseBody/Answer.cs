using System.Text;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;

namespace AiPipe.Tests.Apis.ResponseBody;

/// <summary>What a reader knows after an answer.</summary>
internal sealed record Known(TokenUsage? Usage, ResponseFacts Facts, OutputCount Output, bool SawEnd)
{
    public bool SawError { get; init; }
}

/// <summary>Feeds answers to readers in every way that a network may split them.</summary>
internal static class Answer
{
    internal const string Json = "application/json; charset=utf-8";
    internal const string Sse = "text/event-stream; charset=utf-8";

    internal static byte[] Fixture(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Apis", "ResponseBody", name));

    internal static string MediaType(string fixture) => fixture.EndsWith(".sse", StringComparison.Ordinal) ? Sse : Json;

    internal static Known Read(WireApi api, string? mediaType, params IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        var reader = UsageReaders.For(api, mediaType);
        foreach (var part in parts) reader.Read(part.Span);
        return new(reader.Usage, reader.Facts, reader.Output, reader.SawEnd) { SawError = reader.SawError };
    }

    internal static Known Read(WireApi api, string? mediaType, string answer) => Read(api, mediaType, Encoding.UTF8.GetBytes(answer));

    /// <summary>The JSON of one event, as a stream of that event only.</summary>
    internal static Known ReadEvent(WireApi api, string json) => Read(api, Sse, $"data: {json}\n\n");

    internal static IEnumerable<ReadOnlyMemory<byte>> SplitAt(byte[] answer, int at) => [answer.AsMemory(0, at), answer.AsMemory(at)];

    internal static IEnumerable<ReadOnlyMemory<byte>> ByteByByte(byte[] answer) =>
        Enumerable.Range(0, answer.Length).Select(at => (ReadOnlyMemory<byte>)answer.AsMemory(at, 1));
}
