using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Apis.RequestBody.Media;

namespace AiPipe.Proxy.Apis.Anthropic;

/// <summary>
/// Finds images and documents in messages and system instructions: blocks with an object <c>source</c>, also in results of tools. What
/// does not have Anthropic's exact form may be read in another way by the provider, and is bounded by the model's context only.
/// </summary>
internal static class MessagesInput
{
    private const int LongestName = 16;

    private static readonly string[] Names = ["type", "source", "media_type", "data", "url", "file_id", "content", "input"];

    public static void Read(ref Utf8JsonReader json, InputMeasure input)
    {
        if (json.TokenType == JsonTokenType.StartArray)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray) Read(ref json, input);
        }
        else if (json.TokenType == JsonTokenType.StartObject) ReadBlock(ref json, input);
    }

    private static void ReadBlock(ref Utf8JsonReader json, InputMeasure input)
    {
        var source = default(Source);
        var type = BlockType.Other;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = Identify(ref json);
            json.Read();
            switch (name)
            {
                case "type":
                    input.RefersElsewhere |= type != BlockType.Other;
                    type = json.ValueTextEquals("image"u8) ? BlockType.Image
                        : json.ValueTextEquals("document"u8) ? BlockType.Document : BlockType.Named;
                    break;
                case "source" when json.TokenType == JsonTokenType.StartObject:
                    input.RefersElsewhere |= source.IsThere;
                    source = Source.Read(ref json, input);
                    break;
                // Arguments of a tool call: always text.
                case "input":
                    json.Skip();
                    break;
                case "file_id" when json.TokenType != JsonTokenType.Null:
                case "":
                    input.RefersElsewhere = true;
                    json.Skip();
                    break;
                default:
                    Read(ref json, input);
                    break;
            }
        }
        source.AddTo(input, type);
    }

    /// <returns>One of <see cref="Names"/>; empty for such a name in other capitals; <c>null</c> for any other.</returns>
    private static string? Identify(ref Utf8JsonReader json)
    {
        // Escapes take up to six bytes per character.
        if (json.ValueSpan.Length > LongestName * 6) return null;
        Span<char> name = stackalloc char[LongestName * 6];
        name = name[..json.CopyString(name)];
        foreach (var known in Names)
        {
            if (name.SequenceEqual(known)) return known;
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase)) return "";
        }
        return null;
    }

    private enum BlockType : byte { Other, Image, Document, Named }

    /// <summary>Where the data of a block is.</summary>
    private ref struct Source
    {
        private ReadOnlySpan<byte> _type, _mediaType, _data;
        private bool _isEscaped;
        private int _start;

        public bool IsThere { get; private set; }

        private readonly Range Place => _start..(_start + _data.Length);

        public static Source Read(scoped ref Utf8JsonReader json, InputMeasure input)
        {
            var source = new Source { IsThere = true };
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = Identify(ref json);
                json.Read();
                if (name == "type") Set(ref source._type, ref json, input);
                else if (name == "media_type") Set(ref source._mediaType, ref json, input);
                else if (name == "data")
                {
                    (source._isEscaped, source._start) = (json.ValueIsEscaped, (int)json.TokenStartIndex + 1);
                    Set(ref source._data, ref json, input);
                }
                // A document can have blocks of its own.
                else if (name == "content") MessagesInput.Read(ref json, input);
                else if (name is "file_id" or "" or "source" or "input")
                {
                    input.RefersElsewhere = true;
                    json.Skip();
                }
                else json.Skip();
            }
            return source;
        }

        public readonly void AddTo(InputMeasure input, BlockType type)
        {
            if (!IsThere || _type.SequenceEqual("text"u8) || _type.SequenceEqual("content"u8)) return;
            if (type == BlockType.Image && _type.SequenceEqual("url"u8) && _data.IsEmpty)
                input.Media.Add(new MediaPart(MediaKind.Picture));
            else if (!_type.SequenceEqual("base64"u8) || type is BlockType.Other or BlockType.Named)
                input.RefersElsewhere = true;
            else if (type == BlockType.Image && _mediaType.StartsWith("image/"u8))
                input.Add(MediaReader.Picture(_data, _isEscaped, isLowDetail: false), Place);
            else if (type == BlockType.Image
                || !MediaReader.TryFile(_data, _isEscaped, isPdf: _mediaType.SequenceEqual("application/pdf"u8), out var part))
                input.RefersElsewhere = true;
            else if (part is { } document) input.Add(document, Place);
        }

        /// <summary>Of two values, the provider may use either.</summary>
        private static void Set(ref ReadOnlySpan<byte> value, scoped ref Utf8JsonReader json, InputMeasure input)
        {
            if (!value.IsEmpty || json.TokenType != JsonTokenType.String) input.RefersElsewhere = true;
            if (json.TokenType == JsonTokenType.String) value = json.ValueSpan;
            else json.Skip();
        }
    }
}
