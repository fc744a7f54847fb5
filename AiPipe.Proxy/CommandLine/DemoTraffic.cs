using System.Net.Http.Headers;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.CommandLine;

/// <summary>Sends calls to the demo provider, to fill the usage pages, traces and metrics of a new installation.</summary>
internal static class DemoTraffic
{
    public const int MaxCalls = 500;

    private static readonly string[] People = ["ada@demo.example", "alan@demo.example", "grace@demo.example"];

    private static readonly string[] Prompts =
    [
        "Explain recursion in one sentence.", "What is 17 times 23?", "Name three uses of a hash table.", "Write a haiku about compilers.",
        "Why is the sky blue?", "Summarize the plot of Hamlet.", "What does HTTP status 429 mean?",
    ];

    public static async Task SendAsync(IServiceProvider services, Uri address, int calls, CancellationToken cancellationToken)
    {
        var tokens = services.GetRequiredService<TokenIssuer>();
        // Without the proxy of HTTP_PROXY, which cannot reach this machine's addresses.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.BaseAddress = address;
        var succeeded = 0;
        for (var i = 0; i < calls; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{KnownProviders.Demo}/v1/chat/completions");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue(People[i % People.Length]));
            request.Content = JsonContent.Create(new
            {
                model = KnownProviders.Demo,
                stream = i % 2 == 1,
                messages = new[] { new { role = "user", content = Prompts[i % Prompts.Length] } },
            });
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode) succeeded++;
        }
        if (succeeded == 0)
        {
            throw new InvalidOperationException(
                $"None of the {calls} demo calls to {address} succeeded. The gateway's log has the reason.");
        }
        await Console.Out.WriteLineAsync($"{succeeded} of {calls} demo calls succeeded, as the users {string.Join(", ", People)}.");
    }
}
