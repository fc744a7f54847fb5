using System.Text.Json.Nodes;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Applies a JSON merge patch (https://www.rfc-editor.org/rfc/rfc7396).</summary>
internal static class MergePatch
{
    public static void Lay(JsonObject change, JsonObject into)
    {
        foreach (var (name, value) in change)
        {
            if (value is null)
            {
                into.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                // Nulls in a new object are dropped.
                if (into[name] is not JsonObject child) into[name] = child = [];
                Lay(inner, child);
            }
            else
            {
                into[name] = value.DeepClone();
            }
        }
    }
}
