using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Infrastructure;

internal static class JsonBody
{
    public static async Task<(T? Body, Refusal? Refusal)> ReadAsync<T>(
        this HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType()) return (null, Refusal.UnsupportedMediaType("application/json"));
        try
        {
            var body = await request.ReadFromJsonAsync(type, cancellationToken);
            return body is null ? (null, Refusal.BadJson("it is null.")) : (body, null);
        }
        catch (JsonException e)
        {
            return (null, Refusal.BadJson($"the field at {e.Path ?? "$"} is missing, there twice or of the wrong kind.", ParamOf(e.Path)));
        }
    }

    /// <summary>The field of a path such as <c>$.members[3].email</c>, as errors name it; <c>null</c> for the whole body.</summary>
    public static string? ParamOf(string? path) => path is ['$', '.', .. { Length: > 0 } field] ? field : null;
}
