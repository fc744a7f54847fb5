using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiPipe.Bench.Parts;

namespace AiPipe.Bench.Load;

/// <summary>An admin with a browser's cookies, who signed in by a one-time link and opens one page after the other.</summary>
internal sealed partial class PageVisitor : IDisposable
{
    private readonly HttpClient _http;

    private PageVisitor(int port) =>
        _http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };

    /// <summary>Signs in, after as many calls as fill the pages.</summary>
    public static async Task<PageVisitor> StartAsync(int port, int calls)
    {
        using var api = GatewayClient.As(GatewaySettings.Admin, port);
        for (var i = 0; i < calls; i++)
        {
            using var chat = new StringContent(Chat.Body(streams: false), Encoding.UTF8, "application/json");
            using var answer = await api.PostAsync(new Uri(Chat.Path, UriKind.Relative), chat);
            answer.EnsureSuccessStatusCode();
        }
        using var made = await api.PostAsync(new Uri($"/admin/people/{GatewaySettings.Admin}/link", UriKind.Relative), content: null);
        using var link = JsonDocument.Parse(await made.Content.ReadAsStringAsync());
        var visitor = new PageVisitor(port);
        await visitor.SignInAsync(link.RootElement.GetProperty("link").GetString()!);
        return visitor;
    }

    /// <summary>Opens a page.</summary>
    /// <param name="path">Which.</param>
    /// <param name="firstByte">Is told how long its first byte took.</param>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="HttpRequestException">It is not there, or not for this visitor.</exception>
    public async Task<int> OpenAsync(string path, Times firstByte)
    {
        var asked = Stopwatch.GetTimestamp();
        using var page = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        firstByte.AddSince(asked);
        page.EnsureSuccessStatusCode();
        if (page.RequestMessage!.RequestUri!.AbsolutePath != path) throw new HttpRequestException(
            $"{path} led to {page.RequestMessage.RequestUri}.");
        return (await page.Content.ReadAsByteArrayAsync()).Length;
    }

    public void Dispose() => _http.Dispose();

    private async Task SignInAsync(string link)
    {
        var code = new Uri(link).Query;
        var form = await _http.GetStringAsync(new Uri("/login" + code, UriKind.Relative));
        using var fields = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", AntiforgeryToken().Match(form).Groups["token"].Value)]);
        using var signedIn = await _http.PostAsync(new Uri($"/login{code}&handler=Link", UriKind.Relative), fields);
        signedIn.EnsureSuccessStatusCode();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]* value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex AntiforgeryToken();
}
