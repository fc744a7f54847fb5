using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>Implements https://platform.openai.com/docs/api-reference/responses.</summary>
internal static class DemoResponses
{
    public static HttpContent? Answer(DemoRequest request, DemoAnswers answers, out DemoError? error)
    {
        var reply = DemoReply.Read(request, out error);
        if (error is not null) return null;
        var instructions = request["instructions"]?.GetString();
        DemoTalk? talk = request["input"] switch
        {
            { ValueKind: JsonValueKind.String } text => DemoTalk.About(text.GetString()!, instructions, request.Limit, reply),
            { ValueKind: JsonValueKind.Array } items when items.GetArrayLength() > 0 =>
                DemoTalk.About(items.EnumerateArray(), instructions, request.Limit, reply),
            _ => null,
        };
        if (talk is null)
        {
            error = DemoError.BadRequest("The request has no input.", "input");
            return null;
        }
        var response = new DemoResponse(answers.Id, answers.Created, request.Model, talk);
        return request.Streams ? answers.Stream(Events(response)) : DemoJson.Body(json => response.Write(json, isFinished: true));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Events(DemoResponse response)
    {
        var number = 0;
        yield return Whole("response.created", isFinished: false);
        yield return Whole("response.in_progress", isFinished: false);
        yield return Event("response.output_item.added", json => response.Item(json, "item", isFinished: false), inItem: false);
        if (response.Talk.Function is null)
        {
            yield return Event("response.content_part.added", json => DemoResponse.Part(json, "part", ""));
            foreach (var token in response.Talk.Tokens) yield return Event(
                "response.output_text.delta", json => json.WriteString("delta"u8, token));
            yield return Event("response.output_text.done", json => json.WriteString("text"u8, response.Talk.Text));
            yield return Event("response.content_part.done", json => DemoResponse.Part(json, "part", response.Talk.Text));
        }
        else
        {
            foreach (var token in response.Talk.Tokens) yield return Event(
                "response.function_call_arguments.delta", json => json.WriteString("delta"u8, token));
            yield return Event("response.function_call_arguments.done", json => json.WriteString("arguments"u8, response.Talk.Text));
        }
        yield return Event("response.output_item.done", json => response.Item(json, "item", isFinished: true), inItem: false);
        yield return Whole(response.Talk.IsCut ? "response.incomplete" : "response.completed", isFinished: true);

        ReadOnlyMemory<byte> Whole(string name, bool isFinished) => DemoJson.Event(json =>
        {
            Start(json, name);
            json.WritePropertyName("response"u8);
            response.Write(json, isFinished);
            json.WriteEndObject();
        }, name);

        ReadOnlyMemory<byte> Event(string name, Action<Utf8JsonWriter> write, bool inItem = true) => DemoJson.Event(json =>
        {
            Start(json, name);
            json.WriteNumber("output_index"u8, 0);
            if (inItem)
            {
                json.WriteString("item_id"u8, response.ItemId);
                if (response.Talk.Function is null) json.WriteNumber("content_index"u8, 0);
                if (name.StartsWith("response.output_text", StringComparison.Ordinal))
                {
                    json.WriteStartArray("logprobs"u8);
                    json.WriteEndArray();
                }
            }
            write(json);
            json.WriteEndObject();
        }, name);

        void Start(Utf8JsonWriter json, string name)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, name);
            json.WriteNumber("sequence_number"u8, number++);
        }
    }
}
