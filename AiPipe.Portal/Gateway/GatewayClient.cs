using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiPipe.Portal.SignIn;
using Polly.Timeout;

namespace AiPipe.Portal.Gateway;

/// <summary>Asks the gateway's public API, in the name of whoever is signed in: pages know nothing that callers could not ask, too.</summary>
/// <remarks>Its methods are grouped by what they are about: <see cref="UsageApi"/>, <see cref="CallsApi"/> and so on.</remarks>
internal sealed class GatewayClient(HttpClient http, GatewayAddress address, IHttpContextAccessor context)
{
    /// <summary>An error longer than this is none of the gateway's.</summary>
    private const int MaxErrorBytes = 64 << 10;

    /// <summary>The answer to a question.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    /// <summary>Sends JSON and reads the answer.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, bodyType);
        using var answer = await SendAsync(method, path, content, cancellationToken);
        return await ReadAsync(answer, answerType, cancellationToken);
    }

    /// <summary>Sends what is no JSON and reads the answer.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, content, cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    /// <summary>Asks for something to be done that needs no words.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task DoAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        (await SendAsync(method, path, content: null, cancellationToken)).Dispose();

    /// <summary>Sends JSON where the answer's status says it all.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task SendAsync<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> type, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, type);
        using var answer = await SendAsync(method, path, content, cancellationToken);
    }

    /// <summary>Asks without a body; the answer is the caller's to dispose and is read as it comes.</summary>
    /// <exception cref="GatewayException">The gateway says no, or nothing.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.Value, path.TrimStart('/'))) { Content = content };
        if (context.HttpContext is { } visitor)
        {
            if (visitor.User.Token() is { } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            // The gateway counts guesses by address, which must be the visitor's and not ours.
            if (visitor.Connection.RemoteIpAddress is { } remote) request.Headers.Add("X-Forwarded-For", remote.ToString());
            request.Headers.Add("X-Forwarded-Proto", visitor.Request.Scheme);
            request.Headers.Host = visitor.Request.Host.Value;
        }
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            throw GatewayException.Unreachable();
        }
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await ReadErrorAsync(answer, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw GatewayException.Unreachable();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw GatewayException.Unreachable();
        }
    }

    private static async Task<GatewayException> ReadErrorAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(MaxErrorBytes, cancellationToken);
            var error = await answer.Content.ReadFromJsonAsync(ContractJson.Default.ErrorResponse, cancellationToken);
            if (error is { Error: { } said }) return new GatewayException((int)answer.StatusCode, said.Code, said.Message, said.Param);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            // Something between the gateway and us answered in its place.
        }
        return GatewayException.Unreachable();
    }
}
