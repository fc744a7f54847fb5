using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Implements https://platform.openai.com/docs/api-reference/embeddings.</summary>
internal static class DemoEmbeddings
{
    private const int UsualDimensions = 256;
    private const int MaxDimensions = 1536;
    private const int MaxInputs = 2048;

    public static HttpContent? Answer(DemoRequest request, DemoAnswers answers, out DemoError? error)
    {
        var dimensions = UsualDimensions;
        if (request["dimensions"] is { } stated && (!stated.TryGetInt32(out dimensions) || dimensions is < 1 or > MaxDimensions))
        {
            error = DemoError.BadRequest($"The dimensions must be a whole number from 1 to {MaxDimensions}.", "dimensions");
            return null;
        }
        var encoding = request["encoding_format"]?.GetString() ?? "float";
        if (encoding is not ("float" or "base64"))
        {
            error = DemoError.BadRequest("The encoding must be float or base64.", "encoding_format");
            return null;
        }
        var inputs = Inputs(request["input"]);
        if (inputs is not { Count: >= 1 and <= MaxInputs })
        {
            error = DemoError.BadRequest($"The input must be a text, a list of tokens, or a list of 1 to {MaxInputs} of them.", "input");
            return null;
        }
        error = null;
        return DemoJson.Body(json => Write(json, request.Model, inputs, dimensions, encoding == "base64"));
    }

    /// <summary>The texts to embed; a list of token numbers is one text. <c>null</c> = invalid.</summary>
    private static List<string>? Inputs(JsonElement? input)
    {
        if (input is { ValueKind: JsonValueKind.String } text) return [text.GetString()!];
        if (input is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0) return null;
        if (list[0].ValueKind == JsonValueKind.Number) return [list.GetRawText()];
        if (!list.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Array)) return null;
        return list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())
            .ToList();
    }

    private static void Write(Utf8JsonWriter json, string model, List<string> inputs, int dimensions, bool asBase64)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < inputs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, i);
            WriteVector(json, DemoVector.FromText(inputs[i], dimensions), asBase64);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("model"u8, model);
        var tokens = inputs.Sum(text => (long)DemoTalk.Count(text));
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, tokens);
        json.WriteNumber("total_tokens"u8, tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool asBase64)
    {
        if (asBase64)
        {
            json.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector.AsSpan()));
            return;
        }
        json.WriteStartArray("embedding"u8);
        foreach (var number in vector) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
