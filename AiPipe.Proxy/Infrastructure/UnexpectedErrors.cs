using AiPipe.Proxy.Errors;
using Npgsql;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>The last resort for exceptions: hides the internals of bugs, and reports outages of Postgres and counters.</summary>
internal sealed partial class UnexpectedErrors(RequestDelegate next, ILogger<UnexpectedErrors> logger)
{
    /// <summary>https://www.postgresql.org/docs/current/errcodes-appendix.html, "operator intervention".</summary>
    private const string ShuttingDown = "57P";

    private static readonly TimeSpan OutageRetry = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Refusal.BodyTooLarge(
                    http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0)
                : Refusal.InvalidRequest("The request could not be read."));
        }
        // Kestrel's exception for a chunk of 2 GB or more.
        catch (IOException e) when (e.InnerException is OverflowException && !http.Response.HasStarted)
        {
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, Refusal.InvalidRequest("The body has a chunk that is too large."));
        }
        catch (Exception e) when (!http.Response.HasStarted && IsPostgresAway(e))
        {
            Log.PostgresAway(logger, http.Request.Method, http.Request.Path, e.GetBaseException().Message);
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, Refusal.LedgerUnavailable(OutageRetry));
        }
        catch (CounterUnavailableException) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, Refusal.CounterUnavailable(OutageRetry));
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Log.Unexpected(logger, e, http.Request.Method, http.Request.Path);
            http.Response.Clear();
            await RefusalWriter.WriteAsync(http, Refusal.InternalError(TraceHeader.IdOf(http)));
        }
    }

    /// <summary>No usable connection; EF wraps the exception after its retries. A rejected statement is a bug.</summary>
    private static bool IsPostgresAway(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is PostgresException refused) return refused.IsTransient
                || refused.SqlState.StartsWith(ShuttingDown, StringComparison.Ordinal);
            if (e is NpgsqlException) return true;
        }
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed because Postgres is unavailable: {Why}")]
        public static partial void PostgresAway(ILogger logger, string method, string path, string why);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);
    }
}
