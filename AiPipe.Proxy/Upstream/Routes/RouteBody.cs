using System.Buffers;
using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Upstream.Routes;

/// <summary>Writes the request to a route's target: the caller's messages and other fields, with the route's model and options.</summary>
internal static class RouteBody
{
    private static readonly JsonWriterOptions Plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Fields that the route always sets; <see cref="IsOverridden"/> has the conditional ones.</summary>
    private static readonly FrozenSet<string> Overridden =
        new[] { "model", "max_tokens", "max_completion_tokens", "stream" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Providers reject a request with any other message field; some callers of APISIX send them.</summary>
    private static readonly FrozenSet<string> MessageFields = new[]
    {
        "role", "content", "name", "tool_calls", "tool_call_id", "function_call", "refusal", "audio", "reasoning", "reasoning_content",
            "reasoning_details", "cache_control",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static Refusal? Write(ReadOnlyMemory<byte> request, RouteTarget target, Provider provider, out ReadOnlyMemory<byte> body)
    {
        body = default;
        var written = new ArrayBufferWriter<byte>(request.Length + 256);
        using var writer = new Utf8JsonWriter(written, Plain);
        try
        {
            var json = new Utf8JsonReader(request.Span, new JsonReaderOptions { MaxDepth = CallBodyScanner.MaxDepth });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return Refusal.InvalidRequest(
                "The body must be a JSON object.");
            writer.WriteStartObject();
            WriteOptions(writer, target, provider);
            if (CopyRequest(ref json, request.Span, writer, target.Options) is { } refusal) return refusal;
            writer.WriteEndObject();
            while (json.Read()) { } // Throws if data follows the object.
        }
        catch (JsonException e)
        {
            return CallBodyScanner.Malformed(e);
        }
        catch (InvalidOperationException)
        {
            return Refusal.BadJson("a text in it is not valid Unicode.");
        }
        writer.Flush();
        body = written.WrittenMemory;
        return null;
    }

    private static void WriteOptions(Utf8JsonWriter writer, RouteTarget target, Provider provider)
    {
        var options = target.Options;
        writer.WriteString("model", target.Model);
        // Reasoning models accept only the newer name: https://platform.openai.com/docs/api-reference/chat/create
        writer.WriteNumber(IsReasoning(target.Model) ? provider.ChatLimitField : "max_tokens", options.MaxTokens);
        if (options.Temperature is { } temperature) writer.WriteNumber("temperature", temperature);
        if (options.TopP is { } top) writer.WriteNumber("top_p", top);
        if (options.Stream) writer.WriteBoolean("stream", value: true);
    }

    private static bool IsReasoning(string model) =>
        model is ['o', >= '1' and <= '9', ..] || model.StartsWith("gpt-5", StringComparison.Ordinal);

    private static Refusal? CopyRequest(ref Utf8JsonReader json, ReadOnlySpan<byte> request, Utf8JsonWriter writer, TargetOptions options)
    {
        var hasMessages = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (IsOverridden(name, options))
            {
                json.Skip();
                continue;
            }
            writer.WritePropertyName(name);
            if (name != "messages")
            {
                Copy(ref json, request, writer);
                continue;
            }
            hasMessages = true;
            if (CopyMessages(ref json, request, writer) is { } refusal) return refusal;
        }
        return hasMessages ? null
            : Refusal.InvalidRequest(
            "The field \"messages\" is missing: give a list of messages, each with \"role\" and \"content\".", "messages");
    }

    private static bool IsOverridden(string name, TargetOptions options) => Overridden.Contains(name) || name switch
    {
        "temperature" => options.Temperature is not null,
        "top_p" => options.TopP is not null,
        // Providers reject it without a stream.
        "stream_options" => !options.Stream,
        _ => false,
    };

    private static Refusal? CopyMessages(ref Utf8JsonReader json, ReadOnlySpan<byte> request, Utf8JsonWriter writer)
    {
        var refusal = Refusal.InvalidRequest(
            "The field \"messages\" must be a list of messages, each with \"role\" and \"content\".", "messages");
        if (json.TokenType != JsonTokenType.StartArray) return refusal;
        writer.WriteStartArray();
        var count = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (json.TokenType != JsonTokenType.StartObject) return refusal;
            writer.WriteStartObject();
            var (role, content) = (false, false);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                role |= name == "role" && json.TokenType == JsonTokenType.String;
                // A message with a tool call or a refusal needs no content.
                content |= name is "content" or "tool_calls" or "function_call" or "refusal";
                if (MessageFields.Contains(name))
                {
                    writer.WritePropertyName(name);
                    Copy(ref json, request, writer);
                }
                else json.Skip();
            }
            writer.WriteEndObject();
            if (!role || !content) return refusal;
        }
        writer.WriteEndArray();
        return count > 0 ? null : refusal;
    }

    private static void Copy(ref Utf8JsonReader json, ReadOnlySpan<byte> request, Utf8JsonWriter writer)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        writer.WriteRawValue(request[start..(int)json.BytesConsumed], skipInputValidation: true);
    }
}
