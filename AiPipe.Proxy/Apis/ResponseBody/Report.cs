using System.Buffers.Text;
using System.Globalization;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>One usage report in the provider's own counts. Reused for every event.</summary>
internal sealed class Report
{
    /// <summary>A larger count is invalid and treated as not reported.</summary>
    private const long MostTokens = 1_000_000_000_000;

    private readonly long?[] _counts = new long?[Field.Total - Field.Input + 1];

    public decimal? Cost { get; private set; }
    /// <summary>Billed by OpenRouter's upstream provider to a BYOK key of ours, in addition to <see cref="Cost"/>.</summary>
    public decimal? UpstreamCost { get; private set; }
    public bool IsOwnProviderKey { get; private set; }

    public long? this[Field field] => _counts[field - Field.Input];

    public bool SaysSomething { get; private set; }

    public void CopyFrom(Report other)
    {
        other._counts.CopyTo(_counts, 0);
        (Cost, UpstreamCost, IsOwnProviderKey) = (other.Cost, other.UpstreamCost, other.IsOwnProviderKey);
        SaysSomething = other.SaysSomething;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        (Cost, UpstreamCost, IsOwnProviderKey) = (null, null, false);
        SaysSomething = false;
    }

    public void Set(Field field, ReadOnlySpan<byte> json)
    {
        if (field >= Field.Input) Set(field, Count(json));
        else if (field == Field.Cost) SaysSomething |= (Cost = Usd(json) ?? Cost) is not null;
        else if (field == Field.UpstreamCost) UpstreamCost = Usd(json);
        else if (field == Field.OwnProviderKey) IsOwnProviderKey = json.SequenceEqual("true"u8);
    }

    public void Set(Field field, long? count)
    {
        if (count is null) return;
        _counts[field - Field.Input] = count;
        SaysSomething = true;
    }

    public static long? Count(ReadOnlySpan<byte> json) =>
        Utf8Parser.TryParse(json, out long count, out var read) && read == json.Length && count is >= 0 and <= MostTokens ? count : null;

    private static decimal? Usd(ReadOnlySpan<byte> json) =>
        decimal.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) && usd >= 0 ? usd : null;
}
