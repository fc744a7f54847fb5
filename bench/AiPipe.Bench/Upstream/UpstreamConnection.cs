using System.Net.Sockets;
using System.Text;

namespace AiPipe.Bench.Upstream;

/// <summary>Answers the requests of one connection, one after the other.</summary>
internal sealed class UpstreamConnection(Socket socket, UpstreamRecord record)
{
    private const int EventsOfStream = 50;

    private const int LargestRequest = 64 << 10;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(20);

    private readonly byte[] _buffer = new byte[LargestRequest];
    private int _filled;

    public async Task RunAsync()
    {
        using (socket)
        {
            try
            {
                while (await ReadAsync() is { } request) await AnswerAsync(request);
            }
            catch (SocketException)
            {
                // Who leaves in mid-answer has been counted by then.
            }
        }
    }

    private async ValueTask<UpstreamRequest?> ReadAsync()
    {
        while (true)
        {
            if (UpstreamRequest.TryRead(_buffer.AsSpan(0, _filled), out var request))
            {
                _buffer.AsSpan(request.Length, _filled - request.Length).CopyTo(_buffer);
                _filled -= request.Length;
                return request;
            }
            var read = await socket.ReceiveAsync(_buffer.AsMemory(_filled));
            if (read == 0) return null;
            _filled += read;
        }
    }

    private async ValueTask AnswerAsync(UpstreamRequest request)
    {
        if (request.IsForRecord)
        {
            await socket.SendAsync(UpstreamAnswers.Whole(Encoding.ASCII.GetString(record.ToJson())));
            return;
        }
        record.Begin(UpstreamAnswers.InputTokens);
        if (request.Streams)
        {
            await StreamAsync(Math.Min(EventsOfStream, request.MaxTokens), reportsAlways: request.IsSlow);
            return;
        }
        if (request.IsSlow) await Task.Delay(Delay);
        var output = Math.Min(UpstreamAnswers.OutputTokens, request.MaxTokens);
        record.Produced(output);
        await socket.SendAsync(output == UpstreamAnswers.OutputTokens ? UpstreamAnswers.FullChat : UpstreamAnswers.Chat(output));
    }

    private async Task StreamAsync(int events, bool reportsAlways)
    {
        await socket.SendAsync(UpstreamAnswers.StreamHead);
        for (var token = 1; token <= events; token++)
        {
            await Task.Delay(BetweenEvents);
            if (HasLeft())
            {
                record.Left();
                throw new SocketException((int)SocketError.ConnectionReset);
            }
            record.Produced(1);
            await socket.SendAsync(reportsAlways ? UpstreamAnswers.Event(token) : UpstreamAnswers.PlainEvent());
        }
        await socket.SendAsync(UpstreamAnswers.LastEvent(events));
        await socket.SendAsync(UpstreamAnswers.StreamEnd);
    }

    private bool HasLeft() => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
}
