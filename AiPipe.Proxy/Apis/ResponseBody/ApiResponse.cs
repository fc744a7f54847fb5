using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.ResponseBody;

/// <summary>The facts read from a response so far. Each API has a subclass that says where they are and what its counts mean.</summary>
internal abstract class ApiResponse(JsonPaths paths) : IJsonFields
{
    private Report _report = new();
    private Report _next = new();
    private string? _id;
    private string? _model;
    private string? _finishReason;
    private string? _serviceTier;
    private bool _reported;
    private bool _eventHasText;
    private long _events;
    private long _bytes;

    public JsonPaths Paths { get; } = paths;
    public TokenUsage? Usage => _reported ? Normalise(_report) : null;
    public ResponseFacts Facts => new(_id, _model, _finishReason, _serviceTier);
    public OutputCount Output => new(_events + (_eventHasText ? 1 : 0), _bytes);
    public bool SawEnd { get; protected set; }

    /// <summary>True if a report updates the previous ones field by field instead of replacing them.</summary>
    protected virtual bool ReportsAddUp => false;
    /// <summary>The report that is being read; it applies once its object is closed.</summary>
    protected Report Next => _next;

    protected abstract TokenUsage Normalise(Report report);

    public virtual void EventEnded()
    {
        if (_eventHasText) _events++;
        _eventHasText = false;
    }

    public void Text(int bytes)
    {
        _bytes += bytes;
        _eventHasText = true;
    }

    public virtual void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Id && _id is null) Remember(ref _id, content);
        else if (field == Field.Model && _model is null) Remember(ref _model, content);
        else if (field == Field.FinishReason) Remember(ref _finishReason, content);
        else if (field == Field.ServiceTier) Remember(ref _serviceTier, content);
    }

    public virtual void Scalar(Field field, ReadOnlySpan<byte> json) => _next.Set(field, json);

    public virtual void Opened(Field field)
    {
        if (field != Field.Usage) return;
        if (ReportsAddUp) _next.CopyFrom(_report);
        else _next.Clear();
    }

    public virtual void Closed(Field field)
    {
        if (field == Field.Event) EventEnded();
        if (field != Field.Usage || !_next.SaysSomething) return;
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
