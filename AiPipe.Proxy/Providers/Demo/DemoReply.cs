using System.Text.Json;

namespace AiPipe.Proxy.Providers.Demo;

/// <summary>The form of a reply: prose, JSON, or the arguments of a function that the request requires to be called.</summary>
/// <param name="IsJson">True if the reply is JSON.</param>
/// <param name="Schema">The schema of the JSON; <c>null</c> = any object.</param>
/// <param name="Function">The function to call; <c>null</c> = none.</param>
internal sealed record DemoReply(bool IsJson, JsonElement? Schema, string? Function)
{
    public static readonly DemoReply Prose = new(IsJson: false, Schema: null, Function: null);

    public static DemoReply Read(DemoRequest request, out DemoError? error)
    {
        error = null;
        if (request["tool_choice"] is { } choice && Named(choice) is var (isRequired, name) && isRequired)
        {
            foreach (var tool in request["tools"] is { ValueKind: JsonValueKind.Array } tools ? tools.EnumerateArray() : default)
            {
                var function = DemoRequest.Field(tool, "function") ?? tool;
                if (DemoRequest.Field(function, "name")?.GetString() is not { } found || (name is not null && name != found)) continue;
                return new DemoReply(IsJson: true, DemoRequest.Field(function, "parameters") ?? JsonElement.Parse("{\"type\":\"object\"}"), found);
            }
            error = DemoError.BadRequest("The tool_choice names no function in tools.", "tool_choice");
            return Prose;
        }
        // Responses have the format in the field "text", and the schema beside its type.
        var format = request["response_format"] ?? (request["text"] is { } text ? DemoRequest.Field(text, "format") : null);
        if (format is not { ValueKind: JsonValueKind.Object } stated) return Prose;
        return DemoRequest.Field(stated, "type")?.GetString() switch
        {
            "json_object" => new DemoReply(IsJson: true, Schema: null, Function: null),
            "json_schema" => new DemoReply(
                IsJson: true, DemoRequest.Field(DemoRequest.Field(stated, "json_schema") ?? stated, "schema"), Function: null),
            _ => Prose,
        };
    }

    private static (bool IsRequired, string? Name) Named(JsonElement choice) => choice.ValueKind switch
    {
        JsonValueKind.String => (choice.GetString() == "required", null),
        JsonValueKind.Object => (true, DemoRequest.Field(DemoRequest.Field(choice, "function") ?? choice, "name")?.GetString()),
        _ => (false, null),
    };
}
