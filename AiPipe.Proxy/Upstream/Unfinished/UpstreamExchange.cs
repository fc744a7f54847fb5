namespace AiPipe.Proxy.Upstream.Unfinished;

/// <summary>
/// One request to a provider, which outlives the forwarder: when the forwarder stops waiting, because the caller left or a timeout passed,
/// the request goes on until it is read to its end or aborted.
/// </summary>
internal sealed class UpstreamExchange(HttpMessageInvoker client) : HttpMessageInvoker(NoHandler.Instance, disposeHandler: false)
{
    private readonly CancellationTokenSource _abort = new();
    private Task<HttpResponseMessage>? _response;
    private HttpContent? _content;
    private InterruptibleStream? _body;

    /// <summary>The response's head; faulted if the provider sent none.</summary>
    /// <exception cref="InvalidOperationException">Nothing was sent.</exception>
    public Task<HttpResponseMessage> Response => _response ?? throw new InvalidOperationException("The request was not sent.");

    /// <summary>
    /// True while the provider may still send something: its response has not begun, or its body was not read to the end.
    /// </summary>
    public bool MayContinue => _response is { IsFaulted: false, IsCanceled: false } && _body is not { HasFailed: true };

    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _response = client.SendAsync(request, _abort.Token);
        return await _response.WaitAsync(cancellationToken);
    }

    /// <summary>The body of the response, which stays open when the forwarder closes it.</summary>
    public async ValueTask<Stream> OpenAsync(HttpContent content)
    {
        _content = content;
        return _body = new InterruptibleStream(await content.ReadAsStreamAsync(_abort.Token), _abort.Token);
    }

    /// <summary>Ends the request at the provider.</summary>
    public void Abort() => _abort.Cancel();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Ends what is still running, and returns the connection of a response that was read to its end.
            _abort.Cancel();
            _content?.Dispose();
            _ = _response?.ContinueWith(
                static sent =>
                {
                    if (sent.IsCompletedSuccessfully) sent.Result.Dispose();
                    else _ = sent.Exception;
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _abort.Dispose();
        }
        base.Dispose(disposing);
    }

    private sealed class NoHandler : HttpMessageHandler
    {
        public static readonly NoHandler Instance = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The exchange sends with the client of its provider.");
    }
}
