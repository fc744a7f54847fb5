using System.Text.Json;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Bounds a request's input tokens: a token has at least one byte of text. Images and audio have other rules, but only in the fields where
/// the APIs accept them: otherwise a caller could disguise a long text as an image.
/// </summary>
internal sealed class InputMeasure
{
    /// <summary>
    /// More than any model bills for one image: gpt-4o-mini's maximum is 2,833 + 8 × 5,667 = 48,169
    /// (https://platform.openai.com/docs/guides/images-vision#calculating-costs).
    /// </summary>
    public const int MaxTokensPerImage = 50_000;

    /// <summary>Gemini bills 32 tokens per second of audio; speech codecs need more than 16 base64 characters for each token.</summary>
    private const int AudioBytesPerToken = 16;
    private const int LikelyTokensPerImage = 1_000;
    private const int UsualBytesPerToken = 4;
    /// <summary>Tokens that providers add around the messages.</summary>
    private const int FramingTokens = 64;

    private long _mediaBytes;
    private long _audioBytes;

    public bool HasAudio { get; set; }
    public bool RefersElsewhere { get; set; }
    public bool WebSearches { get; private set; }
    public int Images { get; private set; }
    /// <summary>The number of prompts, if each gets a choice of its own.</summary>
    public int Prompts { get; private set; }

    public long? TokensAtMost(int bodyLength) => RefersElsewhere
        ? null
        : bodyLength - _mediaBytes + (long)Images * MaxTokensPerImage + _audioBytes / AudioBytesPerToken + FramingTokens;

    public long TokensLikely(int bodyLength) =>
        (bodyLength - _mediaBytes + UsualBytesPerToken - 1) / UsualBytesPerToken + (long)Images * LikelyTokensPerImage
        + _audioBytes / AudioBytesPerToken;

    /// <summary>The model also reads the search results: input that the request does not contain.</summary>
    public void AddWebSearch() => WebSearches = RefersElsewhere = true;

    public void Walk(ref Utf8JsonReader json, WireApi api)
    {
        if (json.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return;
        var root = json.CurrentDepth;
        Span<Place> places = stackalloc Place[CallBodyScanner.MaxDepth + 1];
        var name = Place.Other;
        var saysWhatItIs = true;
        while (json.Read() && json.CurrentDepth > root)
        {
            // A list of token numbers is one prompt; a list of strings or of lists is one prompt per item.
            if (api.AnswersEveryPrompt && json.CurrentDepth == root + 1
                && json.TokenType is JsonTokenType.String or JsonTokenType.StartArray) Prompts++;
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = PlaceOf(ref json);
                    if (name == Place.FreeForm)
                    {
                        json.Read();
                        json.Skip();
                    }
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    if (json.CurrentDepth == root + 1) saysWhatItIs = json.TokenType == JsonTokenType.StartArray;
                    RefersElsewhere |= name == Place.StoredFile;
                    places[json.CurrentDepth] = json.TokenType == JsonTokenType.StartObject ? name : Place.Other;
                    name = Place.Other;
                    break;
                case JsonTokenType.String:
                    Take(ref json, name, places[json.CurrentDepth - 1]);
                    if (json.CurrentDepth == root + 2) saysWhatItIs |= name is Place.Type or Place.Role;
                    name = Place.Other;
                    break;
                case JsonTokenType.EndObject when json.CurrentDepth == root + 1 && api.BareItemsAreReferences:
                    RefersElsewhere |= !saysWhatItIs;
                    name = Place.Other;
                    break;
                default:
                    name = Place.Other;
                    break;
            }
        }
    }

    private void Take(ref Utf8JsonReader json, Place name, Place parent)
    {
        var length = json.ValueSpan.Length;
        switch (name, parent)
        {
            case (Place.ImageUrl, _) or (Place.Url, Place.ImageUrl):
                Images++;
                _mediaBytes += length;
                break;
            case (Place.Data, Place.InputAudio):
                HasAudio = true;
                _mediaBytes += length;
                _audioBytes += length;
                break;
            case (Place.Data, Place.InlineData):
                Images++;
                _mediaBytes += length;
                _audioBytes += length;
                break;
            case (Place.MimeType, Place.InlineData):
                if (json.ValueSpan.StartsWith("audio/"u8)) HasAudio = true;
                else if (!json.ValueSpan.StartsWith("image/"u8)) RefersElsewhere = true;
                break;
            // Some clients send unused fields as null, which refer to nothing.
            case (Place.StoredFile, _):
                RefersElsewhere = true;
                break;
            case (Place.Type, _) when json.ValueTextEquals("item_reference"u8):
                RefersElsewhere = true;
                break;
        }
    }

    private static Place PlaceOf(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("type"u8)) return Place.Type;
        if (json.ValueTextEquals("role"u8)) return Place.Role;
        if (json.ValueTextEquals("url"u8)) return Place.Url;
        if (json.ValueTextEquals("data"u8)) return Place.Data;
        if (json.ValueTextEquals("image_url"u8)) return Place.ImageUrl;
        if (json.ValueTextEquals("input_audio"u8)) return Place.InputAudio;
        if (json.ValueTextEquals("inlineData"u8) || json.ValueTextEquals("inline_data"u8)) return Place.InlineData;
        if (json.ValueTextEquals("mimeType"u8) || json.ValueTextEquals("mime_type"u8)) return Place.MimeType;
        if (json.ValueTextEquals("args"u8) || json.ValueTextEquals("response"u8) || json.ValueTextEquals("parameters"u8)
            || json.ValueTextEquals("input_schema"u8) || json.ValueTextEquals("env"u8)) return Place.FreeForm;
        // Refers to an earlier audio output by id: https://platform.openai.com/docs/guides/audio
        if (json.ValueTextEquals("audio"u8)) return Place.StoredFile;
        if (json.ValueTextEquals("file"u8) || json.ValueTextEquals("file_id"u8) || json.ValueTextEquals("file_url"u8)
            || json.ValueTextEquals("file_data"u8) || json.ValueTextEquals("fileData"u8)
                || json.ValueTextEquals("video_url"u8)) return Place.StoredFile;
        return Place.Other;
    }

    private enum Place : byte
    {
        Other,
        Type,
        Role,
        Url,
        Data,
        ImageUrl,
        InputAudio,
        InlineData,
        MimeType,
        /// <summary>Objects with field names of the caller's choice: always text.</summary>
        FreeForm,
        /// <summary>Stored files: the request does not reveal their tokens.</summary>
        StoredFile,
    }
}
