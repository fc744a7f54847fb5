using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>
/// The facts read from a response so far. Each API has a subclass that says where they are; a usage report is read in every shape
/// (<see cref="UsagePlaces"/>).
/// </summary>
internal abstract class ApiResponse(JsonPaths paths) : IJsonFields
{
    private Report _report = new();
    private Report _next = new();
    private string? _id;
    private string? _model;
    private string? _finishReason;
    private string? _serviceTier;
    private bool _reported;
    private bool _eventHasOutput;
    private long _events;
    private long _bytes;
    private TokenEstimate _estimate;

    public JsonPaths Paths { get; } = paths;
    public TokenUsage? Usage => _reported ? Normalise(_report.ToUsage()) : Unreported;
    public virtual ResponseFacts Facts => new(_id, _model, _finishReason, _serviceTier);
    public OutputCount Output => new(_events + (_eventHasOutput ? 1 : 0), _bytes, _estimate.Tokens);
    public bool SawEnd { get; protected set; }
    /// <summary>True if the response is an error, or has one among its events.</summary>
    public bool SawError { get; protected set; }

    /// <summary>True if a report updates the previous ones field by field instead of replacing them.</summary>
    protected virtual bool ReportsAddUp => false;

    /// <summary>The pieces that a response without a report delivers; <c>null</c> = none.</summary>
    protected virtual TokenUsage? Unreported => null;

    /// <summary>Corrects a report by what this API's responses show besides.</summary>
    protected virtual TokenUsage Normalise(TokenUsage usage) => usage;

    public virtual void EventEnded()
    {
        if (_eventHasOutput) _events++;
        _eventHasOutput = false;
    }

    /// <summary>An event named <c>error</c> has ended.</summary>
    public void ErrorEnded() => SawError = true;

    public void Text(ReadOnlySpan<byte> content)
    {
        _bytes += content.Length;
        _estimate.Read(content);
        _eventHasOutput = true;
    }

    public virtual void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Id && _id is null) Remember(ref _id, content);
        else if (field == Field.Model && _model is null) Remember(ref _model, content);
        else if (field == Field.FinishReason)
        {
            Remember(ref _finishReason, content);
            // OpenRouter ends a stream that failed with it: https://openrouter.ai/docs/api-reference/errors
            SawError |= content.SequenceEqual("error"u8);
        }
        else if (field == Field.ServiceTier) Remember(ref _serviceTier, content);
        else if (field == Field.Modality) _next.SetModality(content);
        else if (field == Field.Error) SawError |= !content.IsEmpty;
        else if (field == Field.Type) SawError |= content.SequenceEqual("error"u8);
    }

    public virtual void Scalar(Field field, ReadOnlySpan<byte> json)
    {
        if (field == Field.Error) SawError |= json.SequenceEqual("true"u8);
        else _next.Set(field, json);
    }

    public virtual void Opened(Field field)
    {
        if (field == Field.Usage) _next.Clear();
        else if (field is Field.InputDetail or Field.OutputDetail) _next.BeginDetail();
        else if (field == Field.Media) HasOutput();
        else if (field == Field.Error) SawError = true;
    }

    public virtual void Closed(Field field)
    {
        if (field == Field.Event) EventEnded();
        else if (field is Field.InputDetail or Field.OutputDetail) _next.EndDetail(isInput: field == Field.InputDetail);
        else if (field == Field.Usage && _next.SaysSomething) Apply();
    }

    /// <summary>Counts output that is not text.</summary>
    protected void HasOutput() => _eventHasOutput = true;

    private void Apply()
    {
        if (_reported) _next.Follow(_report, ReportsAddUp);
        (_report, _next) = (_next, _report);
        _reported = true;
    }

    /// <summary>Stores a short string; the same value again, as in every event, allocates nothing.</summary>
    private static void Remember(ref string? known, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || (known is not null && Ascii.Equals(content, known))) return;
        known = content.Contains((byte)'\\') ? Unescape(content) ?? known : Encoding.UTF8.GetString(content);
    }

    private static string? Unescape(ReadOnlySpan<byte> content)
    {
        try
        {
            var json = new Utf8JsonReader([(byte)'"', .. content, (byte)'"']);
            return json.Read() ? json.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
