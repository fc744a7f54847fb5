using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiPipe.Tests.Fixtures;

/// <summary>A provider over real HTTP: it writes down what it was sent and answers as the test says.</summary>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeProvider(WebApplication app) => _app = app;

    /// <summary>Everything that arrived, in order.</summary>
    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>How it answers; the body has been read already.</summary>
    public Func<HttpContext, SeenRequest, Task> Answer { get; set; } = AnswerChatAsync;

    public string Address { get; private set; } = "";

    /// <summary>Writes nothing down: for thousands of calls.</summary>
    public bool IsForgetful { get; init; }

    public static async Task<FakeProvider> StartAsync(bool isForgetful = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var provider = new FakeProvider(app) { IsForgetful = isForgetful };
        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        provider.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return provider;
    }

    /// <summary>Forgets what it has seen, and responds as it did at first.</summary>
    public void Reset()
    {
        Answer = AnswerChatAsync;
        Seen.Clear();
    }

    private static Task AnswerChatAsync(HttpContext http, SeenRequest request) => Answers.Json(http, Answers.Chat(1000, 500));

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var seen = new SeenRequest(http.Request.Method, http.Request.Path + http.Request.QueryString, headers, body.ToArray());
        if (!IsForgetful) Seen.Enqueue(seen);
        await Answer(http, seen);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>A request as the provider saw it.</summary>
public sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}
