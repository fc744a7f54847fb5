using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Scenarios;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>An operator who manages routes as they did with APISIX.</summary>
internal static class ApisixClient
{
    public const string Key = "admin-key-0123456789";

    /// <summary>The route of APISIX's page, as it is printed there.</summary>
    public static readonly string Printed = ApisixTests.CreateRoute.Split('\'')[1];

    /// <summary>As <c>curl -d</c> sends it: a form, by its own account.</summary>
    public static async Task<HttpResponseMessage> ApisixAsync(
        this Gateway gateway, HttpMethod method, string path, string? json = null, string? key = Key)
    {
        using var request = new HttpRequestMessage(method, "/apisix/admin/routes" + path);
        if (key is not null) request.Headers.Add("X-API-KEY", key);
        if (json is not null) request.Content = new StringContent(json, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        return await gateway.Http.SendAsync(request);
    }

    /// <summary>Makes a route; its entry.</summary>
    public static async Task<JsonElement> PutRouteAsync(this Gateway gateway, string id, string json)
    {
        using var response = await gateway.ApisixAsync(HttpMethod.Put, "/" + id, json);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>
    /// The least that a route is, with something else in its plugin or beside it. Its model has a minute: on a busy machine three seconds
    /// are not always enough.
    /// </summary>
    public static string Route(Action<JsonObject>? plugin = null, Action<JsonObject>? route = null, string uri = "/anything")
    {
        var ai = new JsonObject
        {
            ["auth"] = new JsonObject(),
            ["model"] = new JsonObject { ["provider"] = "openai", ["name"] = "gpt-4o-mini" },
            ["timeout"] = 60_000
        };
        plugin?.Invoke(ai);
        var all = new JsonObject { ["uri"] = uri, ["plugins"] = new JsonObject { ["ai-proxy"] = ai } };
        route?.Invoke(all);
        return all.ToJsonString();
    }
}
