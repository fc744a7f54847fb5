using System.Diagnostics;
using AiPipe.ServiceDefaults;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.ServiceDefaults;

public sealed class CallerDisconnectsTests
{
    [Fact]
    public async Task Request_of_a_disconnected_caller_is_marked_and_not_an_unhandled_exception()
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new TaskCompletionSource<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace) ended.TrySetResult(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        Exception? unhandled = null;
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (Exception exception)
            {
                unhandled = exception;
            }
        });
        app.UseCallerDisconnects();
        using var leave = new CancellationTokenSource();
        app.MapGet("/", async (HttpContext http) =>
        {
            await leave.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single());
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(request, leave.Token));

        var span = await ended.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        Assert.Equal((null, true), (unhandled, span.GetTagItem("aipipe.caller.disconnected")));
    }
}
