using System.Text.Json.Nodes;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary>Lays a change into an object (https://www.rfc-editor.org/rfc/rfc7396): a null takes away, an object goes on inside.</summary>
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
                // Its nulls take nothing away where there was nothing, and are not kept either.
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
