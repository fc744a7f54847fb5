using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Apis.ChatCompletions;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Providers;
using Microsoft.AspNetCore.Http;

namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>Calls as they are when everything before their forwarding is done.</summary>
internal static class Calls
{
    internal const string OwnKey = "sk-own";

    internal static CallContext To(
        Dialect? dialect = null, string baseUrl = "https://api.example", string path = "/v1/models", string query = "",
        string? ownKey = null, bool metered = false)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        var provider = new Provider { Name = "p", Dialect = dialect ?? Dialect.OpenAi, BaseUrl = new(baseUrl), TelemetryName = "p" };
        return new CallContext(http, provider, path, DateTimeOffset.UnixEpoch)
        {
            Caller = ownKey is null ? new Caller.User("ann@example.com", IsAdmin: false, Allowance: null) : new Caller.Byok(ownKey),
            Endpoint = metered ? new(ChatCompletionsApi.Instance, "chat") : ProviderEndpoint.Unchecked,
        };
    }
}
