using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

internal static class ToolRefusals
{
    public static Refusal NotAList() => Refusal.InvalidRequest("The field \"tools\" must be a list of objects.", "tools");

    public static Refusal NotMetered(string kind) =>
        Refusal.UnsupportedField($"The tool \"{RequestFields.Shown(kind)}\" is not metered, so it cannot be used with our key.");
}
