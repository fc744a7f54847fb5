using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Apis.Requests;

/// <summary>Calls as they are when everything before their forwarding is done.</summary>
internal static class Calls
{
    internal const string OwnKey = "sk-own";

    internal static CallContext To(
        Dialect dialect = Dialect.OpenAi, string baseUrl = "https://api.example", string path = "/v1/models", string query = "",
        string? ownKey = null, bool metered = false)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        var provider = new Provider { Name = "p", Dialect = dialect, BaseUrl = new(baseUrl), TelemetryName = "p" };
        return new CallContext(http, provider, path, DateTimeOffset.UnixEpoch)
        {
            Caller = ownKey is null ? new Caller.User("ann@example.com", IsAdmin: false, Allowance: null) : new Caller.Byok(ownKey),
            Endpoint = metered ? new(Api.ChatCompletions, "chat") : ProviderEndpoint.Unchecked,
        };
    }
}
