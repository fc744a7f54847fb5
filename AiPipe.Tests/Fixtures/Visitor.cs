using System.Net;
using System.Text.RegularExpressions;

namespace AiPipe.Tests.Fixtures;

/// <summary>A person at the Portal's pages, without a browser: keeps cookies and posts forms.</summary>
internal sealed partial class Visitor : IDisposable
{
    private const int Timeout = 60_000;

    // Cookies are the host's, whatever its port: one visitor may go from one Portal to another.
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    public Visitor() => _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies });

    /// <summary>What pages have told this person's browser to keep.</summary>
    public IEnumerable<Cookie> CookiesOf(Uri portal) => _cookies.GetCookies(portal);

    /// <summary>Signs in by a one-time link; the response.</summary>
    public async Task<HttpResponseMessage> SignInAsync(Uri link) => await PostAsync(new Uri(link, "/"), await OpenFormAsync(link));

    public Task<HttpResponseMessage> GetAsync(Uri address, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead) =>
        _http.GetAsync(address, completion);

    /// <summary>The first form of a page with its antiforgery field, not sent yet.</summary>
    public async Task<Form> OpenFormAsync(Uri page)
    {
        var html = await _http.GetStringAsync(page);
        var action = WebUtility.HtmlDecode(FormAction().Match(html).Groups["action"].Value);
        return new Form(action.Length > 0 ? action : page.PathAndQuery, AntiforgeryField().Match(html).Groups["value"].Value);
    }

    /// <summary>Posts a form to a Portal, which need not be the one that it comes from.</summary>
    public async Task<HttpResponseMessage> PostAsync(Uri portal, Form form)
    {
        using var content = new FormUrlEncodedContent([new("__RequestVerificationToken", form.Antiforgery)]);
        return await _http.PostAsync(new Uri(portal, form.Action), content);
    }

    public void Dispose() => _http.Dispose();

    internal sealed record Form(string Action, string Antiforgery);

    [GeneratedRegex("<form method=\"post\"[^>]* action=\"(?<action>[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex FormAction();

    [GeneratedRegex("\"__RequestVerificationToken\" type=\"hidden\" value=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex AntiforgeryField();
}
