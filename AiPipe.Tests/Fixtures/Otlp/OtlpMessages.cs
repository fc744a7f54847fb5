using System.Buffers.Binary;
using System.Diagnostics;

namespace AiPipe.Tests.Fixtures.Otlp;

/// <summary>
/// Decodes the three export requests of OTLP 1.x (https://github.com/open-telemetry/opentelemetry-proto). Field numbers are the .proto
/// files'.
/// </summary>
internal static class OtlpMessages
{
    private delegate T ItemReader<T>(ReadOnlySpan<byte> item, string service, string scope);

    public static List<ReceivedSpan> ReadSpans(byte[] request) => ReadItems(request, ReadSpan);

    public static List<ReceivedLog> ReadLogs(byte[] request) => ReadItems(request, ReadLog);

    public static List<ReceivedPoint> ReadPoints(byte[] request) =>
        [.. ReadItems(request, static (item, service, _) => OtlpMetrics.Read(item, service)).SelectMany(static points => points)];

    /// <summary>Adds the <c>KeyValue</c> that the reader stands at.</summary>
    public static void AddAttribute(Dictionary<string, object?> attributes, ReadOnlySpan<byte> keyValue)
    {
        var (key, value) = ("", (object?)null);
        for (var field = new ProtobufReader(keyValue); field.TryRead();)
        {
            if (field.Field == 1) key = field.Text;
            else if (field.Field == 2) value = ReadValue(field.Bytes);
        }
        // Keys must be unique: one that is sent again stands out where a test expects a set of them.
        if (!attributes.TryAdd(key, value)) attributes[$"{key} (again)"] = value;
    }

    /// <summary>All three requests are alike: resources in field 1, their scopes in field 2, the items of a scope in field 2.</summary>
    private static List<T> ReadItems<T>(byte[] request, ItemReader<T> read)
    {
        var items = new List<T>();
        for (var resources = new ProtobufReader(request); resources.TryRead();)
        {
            var service = "";
            for (var resource = new ProtobufReader(resources.Bytes); resource.TryRead();)
            {
                if (resource.Field == 1) service = ReadServiceName(resource.Bytes);
                else if (resource.Field == 2) ReadScope(resource.Bytes, service, read, items);
            }
        }
        return items;
    }

    private static void ReadScope<T>(ReadOnlySpan<byte> message, string service, ItemReader<T> read, List<T> items)
    {
        var scope = "";
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            if (field.Field == 1) scope = ReadScopeName(field.Bytes);
            else if (field.Field == 2) items.Add(read(field.Bytes, service, scope));
        }
    }

    private static string ReadServiceName(ReadOnlySpan<byte> resource)
    {
        var attributes = new Dictionary<string, object?>();
        for (var field = new ProtobufReader(resource); field.TryRead();)
            if (field.Field == 1) AddAttribute(attributes, field.Bytes);
        return attributes.GetValueOrDefault("service.name") as string ?? "";
    }

    private static string ReadScopeName(ReadOnlySpan<byte> scope)
    {
        for (var field = new ProtobufReader(scope); field.TryRead();)
            if (field.Field == 1) return field.Text;
        return "";
    }

    private static ReceivedSpan ReadSpan(ReadOnlySpan<byte> message, string service, string scope)
    {
        var attributes = new Dictionary<string, object?>();
        var links = new List<ReceivedLink>();
        var span = new ReceivedSpan { Service = service, Scope = scope, Attributes = attributes, Links = links };
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            switch (field.Field)
            {
                case 1: span = span with { TraceId = field.Hex }; break;
                case 2: span = span with { SpanId = field.Hex }; break;
                case 4: span = span with { ParentId = field.Hex }; break;
                case 5: span = span with { Name = field.Text }; break;
                // OTLP counts kinds from 1 (internal), ActivityKind from 0.
                case 6: span = span with { Kind = (ActivityKind)(field.Integer - 1) }; break;
                case 7: span = span with { StartedAt = ReadTime(field.Integer) }; break;
                case 8: span = span with { EndedAt = ReadTime(field.Integer) }; break;
                case 9: AddAttribute(attributes, field.Bytes); break;
                case 13: links.Add(ReadLink(field.Bytes)); break;
                case 15: span = span with { IsError = IsErrorStatus(field.Bytes) }; break;
            }
        }
        return span;
    }

    private static ReceivedLink ReadLink(ReadOnlySpan<byte> message)
    {
        var link = new ReceivedLink("", "");
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            if (field.Field == 1) link = link with { TraceId = field.Hex };
            else if (field.Field == 2) link = link with { SpanId = field.Hex };
        }
        return link;
    }

    private static bool IsErrorStatus(ReadOnlySpan<byte> status)
    {
        for (var field = new ProtobufReader(status); field.TryRead();)
            if (field.Field == 3) return field.Integer == 2;
        return false;
    }

    private static ReceivedLog ReadLog(ReadOnlySpan<byte> message, string service, string scope)
    {
        var attributes = new Dictionary<string, object?>();
        var log = new ReceivedLog { Service = service, Scope = scope, Attributes = attributes };
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            switch (field.Field)
            {
                case 3: log = log with { Severity = field.Text }; break;
                case 5: log = log with { Body = ReadValue(field.Bytes) as string ?? "" }; break;
                case 6: AddAttribute(attributes, field.Bytes); break;
                case 9: log = log with { TraceId = field.Hex }; break;
                case 10: log = log with { SpanId = field.Hex }; break;
            }
        }
        return log;
    }

    /// <summary>An <c>AnyValue</c>.</summary>
    private static object? ReadValue(ReadOnlySpan<byte> message)
    {
        var value = new ProtobufReader(message);
        if (!value.TryRead()) return null;
        return value.Field switch
        {
            1 => value.Text,
            2 => value.Integer != 0,
            3 => value.Integer,
            4 => value.Double,
            5 => ReadArray(value.Bytes),
            6 => ReadMap(value.Bytes),
            _ => value.Bytes.ToArray(),
        };
    }

    private static List<object?> ReadArray(ReadOnlySpan<byte> message)
    {
        var values = new List<object?>();
        for (var field = new ProtobufReader(message); field.TryRead();) values.Add(ReadValue(field.Bytes));
        return values;
    }

    private static Dictionary<string, object?> ReadMap(ReadOnlySpan<byte> message)
    {
        var values = new Dictionary<string, object?>();
        for (var field = new ProtobufReader(message); field.TryRead();) AddAttribute(values, field.Bytes);
        return values;
    }

    private static DateTimeOffset ReadTime(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}

/// <summary>Decodes one <c>Metric</c> into its data points.</summary>
internal static class OtlpMetrics
{
    private const int Gauge = 5, Sum = 7, Histogram = 9;

    public static List<ReceivedPoint> Read(ReadOnlySpan<byte> metric, string service)
    {
        var points = new List<ReceivedPoint>();
        var (name, unit) = ("", "");
        for (var field = new ProtobufReader(metric); field.TryRead();)
        {
            switch (field.Field)
            {
                case 1: name = field.Text; break;
                case 3: unit = field.Text; break;
                case Gauge or Sum or Histogram:
                    var isHistogram = field.Field == Histogram;
                    for (var data = new ProtobufReader(field.Bytes); data.TryRead();)
                        if (data.Field == 1) points.Add(isHistogram ? ReadHistogram(data.Bytes) : ReadNumber(data.Bytes));
                    break;
            }
        }
        return [.. points.Select(point => point with { Service = service, Metric = name, Unit = unit })];
    }

    private static ReceivedPoint ReadNumber(ReadOnlySpan<byte> message)
    {
        var attributes = new Dictionary<string, object?>();
        var point = new ReceivedPoint { Attributes = attributes };
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            switch (field.Field)
            {
                case 4: point = point with { Value = field.Double }; break;
                case 6: point = point with { Value = field.Integer }; break;
                case 7: OtlpMessages.AddAttribute(attributes, field.Bytes); break;
            }
        }
        return point;
    }

    private static ReceivedPoint ReadHistogram(ReadOnlySpan<byte> message)
    {
        var attributes = new Dictionary<string, object?>();
        var bounds = new List<double>();
        var point = new ReceivedPoint { Attributes = attributes, Bounds = bounds };
        for (var field = new ProtobufReader(message); field.TryRead();)
        {
            switch (field.Field)
            {
                case 4: point = point with { Count = field.Integer }; break;
                case 5: point = point with { Value = field.Double }; break;
                // Packed where the exporter follows proto3, single numbers where it does not.
                case 7 when field.Bytes.IsEmpty: bounds.Add(field.Double); break;
                case 7:
                    for (var packed = field.Bytes; !packed.IsEmpty; packed = packed[sizeof(double)..])
                        bounds.Add(BinaryPrimitives.ReadDoubleLittleEndian(packed));
                    break;
                case 9: OtlpMessages.AddAttribute(attributes, field.Bytes); break;
            }
        }
        return point;
    }
}
