using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.ResponseBody;

internal static class UsageReaders
{
    internal const string EventStream = "text/event-stream";
    internal const string Json = "application/json";

    /// <param name="mediaType">The content type, with or without parameters; anything but an event stream is read as JSON.</param>
    internal static IUsageReader For(WireApi api, string? mediaType) =>
        api.IsBinary(mediaType) ? new BinaryUsageReader()
        : IsEventStream(mediaType) ? new SseUsageReader(api.CreateResponse()) : new JsonUsageReader(api.CreateResponse());

    internal static bool IsEventStream(string? mediaType)
    {
        var type = mediaType.AsSpan();
        var parameters = type.IndexOf(';');
        return (parameters < 0 ? type : type[..parameters]).Trim().Equals(EventStream, StringComparison.OrdinalIgnoreCase);
    }
}
