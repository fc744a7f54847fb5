using System.Net;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>An error in OpenAI's format (https://platform.openai.com/docs/guides/error-codes).</summary>
internal sealed record DemoError(HttpStatusCode Status, string Message, string? Param, string? Code)
{
    public static DemoError BadRequest(string message, string? param = null) => new(HttpStatusCode.BadRequest, message, param, Code: null);

    public static DemoError NotFound(string message) => new(HttpStatusCode.NotFound, message, Param: null, "not_found");

    public static DemoError NoModel() => new(HttpStatusCode.NotFound,
        "The demo provider has the models demo and demo-mini, and demo-embed for embeddings.", "model", "model_not_found");

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, Message);
        json.WriteString("type"u8, "invalid_request_error"u8);
        json.WriteString("param"u8, Param);
        json.WriteString("code"u8, Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
