using System.Text.Json;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>Finds what a request refers to by the id of something stored at the provider, where all callers share our account.</summary>
internal static class StoredReferences
{
    /// <summary>Objects whose field names are the caller's choice, or that the provider only stores.</summary>
    private static readonly string[] FreeForm =
        ["args", "response", "parameters", "input_schema", "env", "metadata", "json_schema", "schema"];

    private static readonly string[] Ids =
        ["previous_response_id", "conversation", "conversation_id", "file_id", "file_ids", "cachedContent", "cached_content", "container",
            "vector_store_ids"];

    /// <summary>Item types that stand for a stored item, whatever else they contain.</summary>
    private static readonly string[] ItemTypes = ["item_reference", "image_generation_call"];

    /// <param name="body">Valid JSON.</param>
    public static IReadOnlyList<StoredReference> Read(ReadOnlySpan<byte> body)
    {
        if (!MayContainAny(body)) return [];
        var found = new List<StoredReference>();
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = CallBodyScanner.MaxDepth });
        var places = new Stack<Place>();
        string? name = null;
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = json.GetString();
                    if (!FreeForm.Contains(name)) break;
                    json.Read();
                    json.Skip();
                    name = null;
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    places.Push(new Place(name, places.TryPeek(out var outer) ? outer : null, json.TokenType == JsonTokenType.StartArray));
                    name = null;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    places.Pop().AddReferences(found);
                    break;
                case JsonTokenType.String when places.TryPeek(out var place):
                    if (place.Take(name ?? (place.IsArray ? place.Name : null), json.GetString()!) is { } direct) found.Add(direct);
                    name = null;
                    break;
                default:
                    name = null;
                    break;
            }
        }
        return found;
    }

    /// <summary>True also for text with escapes, which may be a field's name in another spelling.</summary>
    private static bool MayContainAny(ReadOnlySpan<byte> body) =>
        body.IndexOf("_id"u8) >= 0 || body.IndexOf("\"id\""u8) >= 0 || body.IndexOf("conversation"u8) >= 0 || body.IndexOf("ached"u8) >= 0
            || body.IndexOf("ile"u8) >= 0 || body.IndexOf("container"u8) >= 0 || body.IndexOf("\\u"u8) >= 0;

    private sealed class Place(string? name, Place? outer, bool isArray)
    {
        private readonly bool _isInputItem = !isArray && outer is { IsArray: true, Name: "input", Outer.Outer: null };
        /// <summary>All of them if fields are repeated: the provider may use any.</summary>
        private List<string>? _ids;
        private bool _isStored, _saysWhatItIs;

        public string? Name => name;
        public bool IsArray => isArray;
        private Place? Outer => outer;

        /// <summary>Adds what the object refers to as a whole, at its end.</summary>
        public void AddReferences(List<StoredReference> found)
        {
            if (_ids is null || isArray) return;
            var field = _isStored || (_isInputItem && !_saysWhatItIs) ? "input" : name == "conversation" ? name : null;
            if (field is not null) found.AddRange(_ids.Select(id => new StoredReference(field, id)));
        }

        /// <summary>What one of the object's texts refers to.</summary>
        public StoredReference? Take(string? field, string value)
        {
            switch (field)
            {
                case "id":
                    (_ids ??= []).Add(value);
                    return null;
                case "type":
                    _isStored |= ItemTypes.Contains(value);
                    _saysWhatItIs = true;
                    return null;
                case "role":
                    _saysWhatItIs = true;
                    return null;
                // Other addresses are public: anyone can read them.
                case "fileUri" or "file_uri":
                    return value.StartsWith("files/", StringComparison.OrdinalIgnoreCase)
                        || value.Contains("googleapis.com", StringComparison.OrdinalIgnoreCase)
                        ? new StoredReference(field, value) : null;
                // A kind of container that is new for each response.
                case "container" when value == "auto":
                    return null;
                default:
                    return field is not null && Ids.Contains(field) ? new StoredReference(field, value) : null;
            }
        }
    }
}

/// <param name="Field">The field that refers to it.</param>
internal readonly record struct StoredReference(string Field, string Id);
