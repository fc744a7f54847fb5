using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiPipe.Portal.SignIn;
using Polly.Timeout;

namespace AiPipe.Portal.Gateway;

/// <summary>Calls the gateway's public API with the token of the signed-in person.</summary>
/// <remarks>Its methods are grouped by what they are about: <see cref="UsageApi"/>, <see cref="CallsApi"/> and so on.</remarks>
internal sealed class GatewayClient(HttpClient http, GatewayAddress address, IHttpContextAccessor context)
{
    /// <summary>The gateway sends no longer errors.</summary>
    private const int MaxErrorBytes = 64 << 10;

    /// <summary>Reads JSON.</summary>
    /// <exception cref="GatewayException">The gateway refuses or does not respond; likewise in all other methods.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    /// <summary>Posts without a body and reads the response.</summary>
    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, content: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    /// <summary>Sends JSON and reads the response.</summary>
    public async Task<TResponse> SendAsync<TBody, TResponse>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResponse> responseType,
        CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, bodyType);
        return await SendAsync(method, path, content, responseType, cancellationToken);
    }

    /// <summary>Sends a body that is not JSON and reads the response.</summary>
    public async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    /// <summary>Sends no body and ignores the response's body.</summary>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        (await SendAsync(method, path, content: null, cancellationToken)).Dispose();

    /// <summary>Sends JSON and ignores the response's body.</summary>
    public async Task SendAsync<TBody>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> type, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, type);
        using var response = await SendAsync(method, path, content, cancellationToken);
    }

    /// <summary>Returns after the response's headers. The caller disposes the response.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.Value, path.TrimStart('/'))) { Content = content };
        if (context.HttpContext is { } visitor)
        {
            if (visitor.User.Token() is { } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (visitor.User.Session() is { } session) request.Headers.Add("X-AiPipe-Session", session);
            // The gateway limits guesses per address, which must be the visitor's.
            if (visitor.Connection.RemoteIpAddress is { } remote) request.Headers.Add("X-Forwarded-For", remote.ToString());
            request.Headers.Add("X-Forwarded-Proto", visitor.Request.Scheme);
            request.Headers.Host = visitor.Request.Host.Value;
        }
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            throw GatewayException.Unreachable();
        }
        if (response.IsSuccessStatusCode) return response;
        using (response) throw await ReadErrorAsync(response, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw GatewayException.Unreachable();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw GatewayException.Unreachable();
        }
    }

    private static async Task<GatewayException> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxErrorBytes, cancellationToken);
            var body = await response.Content.ReadFromJsonAsync(ContractJson.Default.ErrorResponse, cancellationToken);
            if (body is { Error: { } error }) return new GatewayException((int)response.StatusCode, error.Code, error.Message, error.Param);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            // A load balancer or proxy in between responded instead.
        }
        return GatewayException.Unreachable();
    }
}
