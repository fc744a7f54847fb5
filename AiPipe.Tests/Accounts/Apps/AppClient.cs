using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Apps;

/// <summary>What the pages of consent, and a web app, ask the gateway.</summary>
internal static class AppClient
{
    public const string App = "https://app.example";
    public const string Redirect = "https://app.example/page?x=1";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public static readonly string Challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>A person agrees; the answer.</summary>
    public static async Task<JsonElement> GrantAsync(this Gateway gateway, object request, string? email = null)
    {
        using var response = await gateway.SendAsync(HttpMethod.Post, "/grants", gateway.Token(email), request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>A person agrees to an app that wants a code; the code.</summary>
    public static async Task<string> CodeAsync(this Gateway gateway, string redirect = Redirect)
    {
        var granted = await gateway.GrantAsync(new { redirect, code_challenge = Challenge, code_challenge_method = "S256", state = "s" });
        return granted.Location()["code"]!;
    }

    /// <summary>The parameters of the address that a person goes on to.</summary>
    public static System.Collections.Specialized.NameValueCollection Location(this JsonElement granted) =>
        System.Web.HttpUtility.ParseQueryString(new Uri(granted.Text("location")).Query);

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>An app exchanges a code, as a form.</summary>
    public static async Task<HttpResponseMessage> ExchangeAsync(
        this Gateway gateway, string code, Action<Dictionary<string, string>>? change = null)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = Redirect,
            ["code_verifier"] = Verifier,
        };
        change?.Invoke(form);
        using var content = new FormUrlEncodedContent(form);
        return await gateway.Http.PostAsync("/login/token", content);
    }

    public static async Task<HttpResponseMessage> SendAsync(
        this Gateway gateway, HttpMethod method, string path, string token, object? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (json is not null) request.Content =
            new StringContent(
            json as string ?? JsonSerializer.Serialize(json), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        return await gateway.Http.SendAsync(request);
    }

    /// <summary>The code of the refusal that a metered call gets; <c>null</c> when it passes.</summary>
    public static async Task<string?> CallAsync(this Gateway gateway, string token)
    {
        using var response = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""", token));
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }
}
