using System.Buffers.Text;
using System.Globalization;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>One usage report in the provider's own counts. Reused for every event.</summary>
internal sealed class Report
{
    /// <summary>Larger counts are read as this one, which no check accepts.</summary>
    private const long MostTokens = 1_000_000_000_000;

    private readonly long?[] _counts = new long?[Field.Total - Field.Input + 1];
    private (bool IsAudio, bool IsImage, long? Tokens) _detail;
    private decimal? _cost;
    private decimal? _upstreamCost;
    private bool _isOwnProviderKey;

    /// <summary>False for <c>{}</c> and <c>null</c>.</summary>
    public bool SaysSomething { get; private set; }

    private bool HasInput => Any(Field.Input, Field.InputImage);
    private bool HasOutput => Any(Field.Output, Field.OutputImage);

    private long? this[Field field] => _counts[field - Field.Input];

    public void Clear()
    {
        Array.Clear(_counts);
        (_cost, _upstreamCost, _isOwnProviderKey, SaysSomething) = (null, null, false, false);
    }

    public void Set(Field field, ReadOnlySpan<byte> json)
    {
        if (field >= Field.Input) Set(field, Count(json));
        else if (field == Field.ModalityTokens) _detail.Tokens = Count(json);
        else if (field == Field.Cost) SaysSomething |= (_cost = Usd(json) ?? _cost) is not null;
        else if (field == Field.UpstreamCost) _upstreamCost = Usd(json);
        else if (field == Field.OwnProviderKey) _isOwnProviderKey = json.SequenceEqual("true"u8);
    }

    public void BeginDetail() => _detail = default;

    public void SetModality(ReadOnlySpan<byte> name) =>
        (_detail.IsAudio, _detail.IsImage) = (name.SequenceEqual("AUDIO"u8), name.SequenceEqual("IMAGE"u8));

    public void EndDetail(bool isInput)
    {
        if (_detail.IsAudio) Set(isInput ? Field.InputAudio : Field.OutputAudio, _detail.Tokens);
        if (_detail.IsImage) Set(isInput ? Field.InputImage : Field.OutputImage, _detail.Tokens);
    }

    /// <summary>Completes a later report: a zero, or a missing count, does not take back what was reported before.</summary>
    /// <param name="fieldByField">True if reports omit what has not changed.</param>
    public void Follow(Report earlier, bool fieldByField)
    {
        if (fieldByField)
        {
            for (var i = 0; i < _counts.Length; i++) _counts[i] ??= earlier._counts[i];
        }
        if (_cost is null or 0 && !HasInput && !HasOutput)
        {
            (_cost, _upstreamCost, _isOwnProviderKey) = (earlier._cost, earlier._upstreamCost, earlier._isOwnProviderKey);
            Keep(earlier, Field.Input, Field.Total);
            return;
        }
        if (!HasInput) Keep(earlier, Field.Input, Field.InputImage);
        if (!HasOutput) Keep(earlier, Field.Output, Field.OutputImage);
    }

    public TokenUsage ToUsage()
    {
        var withCache = this[Field.InputTokens] is { } alone
            ? alone + (this[Field.CacheReadBeside] ?? 0) + (this[Field.CacheWriteBeside] ?? 0) : (long?)null;
        var input = Sum(this[Field.Input] ?? withCache, this[Field.ToolInput]);
        return new()
        {
            Input = input,
            CacheRead = this[Field.CacheRead] ?? this[Field.CacheHit] ?? this[Field.CacheReadBeside],
            CacheWrite = this[Field.CacheWrite] ?? this[Field.CacheWriteBeside],
            CacheWrite1h = this[Field.CacheWrite1h],
            InputAudio = this[Field.InputAudio],
            InputImage = this[Field.InputImage],
            Output = OutputAfter(input),
            Reasoning = this[Field.Reasoning] ?? this[Field.Thoughts],
            OutputAudio = this[Field.OutputAudio],
            OutputImage = this[Field.OutputImage],
            WebSearches = this[Field.WebSearches],
            // https://openrouter.ai/docs/use-cases/byok: with a BYOK key at OpenRouter, `cost` is only OpenRouter's fee.
            ReportedCost = _isOwnProviderKey ? _cost + (_upstreamCost ?? 0) : _cost,
        };
    }

    /// <summary>
    /// xAI and Gemini's OpenAI endpoint report reasoning beside the output or not at all, and Gemini omits zeros: the total reveals them.
    /// </summary>
    private long? OutputAfter(long? input)
    {
        var output = Larger(this[Field.Output], Sum(this[Field.Candidates], this[Field.Thoughts]));
        return input > 0 && this[Field.Total] - input is >= 0 and var rest ? Larger(output, rest) : output;
    }

    private void Set(Field field, long? count)
    {
        if (count is null) return;
        _counts[field - Field.Input] = Larger(this[field], count);
        SaysSomething = true;
    }

    private void Keep(Report earlier, Field first, Field last)
    {
        for (var field = first; field <= last; field++) _counts[field - Field.Input] = earlier[field] ?? this[field];
    }

    private bool Any(Field first, Field last)
    {
        for (var field = first; field <= last; field++)
        {
            if (this[field] > 0) return true;
        }
        return false;
    }

    /// <summary>Any JSON number, rounded up; <c>null</c> for everything else and for negative numbers.</summary>
    private static long? Count(ReadOnlySpan<byte> json)
    {
        if (Utf8Parser.TryParse(json, out long count, out var read) && read == json.Length)
            return count < 0 ? null : Math.Min(count, MostTokens);
        if (json.IsEmpty || json[0] is < (byte)'0' or > (byte)'9'
            || !double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return null;
        return number >= MostTokens ? MostTokens : (long)Math.Ceiling(number);
    }

    private static decimal? Usd(ReadOnlySpan<byte> json) =>
        decimal.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) && usd >= 0 ? usd : null;

    private static long? Sum(long? one, long? other) => one is null ? other : one + (other ?? 0);

    private static long? Larger(long? one, long? other) => one is null || other > one ? other ?? one : one;
}
