using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Bench.Upstream;

/// <summary>What the fake upstream served, by its own count: the bill that a provider would write.</summary>
internal sealed class UpstreamRecord
{
    private long _calls;
    private long _left;
    private long _input;
    private long _output;

    public void Begin(int input)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _input, input);
    }

    public void Produced(int output) => Interlocked.Add(ref _output, output);

    public void Left() => Interlocked.Increment(ref _left);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new Served(Volatile.Read(ref _calls), Volatile.Read(ref _left), Volatile.Read(ref _input), Volatile.Read(ref _output)),
        ServedJson.Default.Served);
}

/// <summary>Calls, how many of them were left in mid-answer, and tokens.</summary>
internal sealed record Served(long Calls, long Left, long Input, long Output);

[JsonSerializable(typeof(Served))]
internal sealed partial class ServedJson : JsonSerializerContext;
