using AiPipe.Proxy.Journey;

namespace AiPipe.Proxy.Edge;

/// <summary>The last resort: a bug is logged with its trace id and answered without telling anything of the inside.</summary>
internal sealed partial class UnexpectedErrors(RequestDelegate next, ILogger<UnexpectedErrors> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to answer.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Refusal.BodyTooLarge(http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0)
                : Refusal.InvalidRequest("The request could not be read."));
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Log.Unexpected(logger, e, http.Request.Method, http.Request.Path);
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, Refusal.InternalError(TraceHeader.IdOf(http)));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);
    }
}
