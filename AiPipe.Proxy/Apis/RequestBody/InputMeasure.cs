using System.Text.Json;
using AiPipe.Proxy.Apis.RequestBody.Media;
using AiPipe.Proxy.Metering;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Bounds a request's input tokens: a token has at least one byte of text. Images, documents and sounds have other rules, but only in the
/// fields where the APIs accept them: otherwise a caller could disguise a long text as an image.
/// </summary>
internal sealed class InputMeasure
{
    private const int LikelyTokensPerImage = 1_000;
    /// <summary>Of the tokens that a document or sound has at most.</summary>
    private const int LikelyShare = 4;
    /// <summary>Tokens that providers add around the messages.</summary>
    private const int FramingTokens = 64;

    private readonly List<Range> _mediaValues = [];
    private long _mediaBytes;

    public bool HasAudio { get; set; }
    public bool RefersElsewhere { get; set; }
    public bool WebSearches { get; private set; }
    /// <summary>Tokens that the provider adds for tools.</summary>
    public int ToolTokens { get; set; }
    /// <summary>The tool that searches the web, if its own field limits the searches.</summary>
    public SearchLimit? SearchLimit { get; set; }
    public List<MediaPart> Media { get; } = [];
    /// <summary>The number of prompts, if each gets a choice of its own.</summary>
    public int Prompts { get; private set; }

    public bool HasImages => Media.Exists(static part => part.Kind != MediaKind.Sound);

    /// <summary>Of the text alone.</summary>
    public long TextTokensAtMost(int bodyLength) => bodyLength - _mediaBytes + FramingTokens + ToolTokens;

    public long TokensLikely(ReadOnlySpan<byte> body)
    {
        var text = new TokenEstimate(isDocument: true);
        var from = 0;
        // A value is added once its object ends, after those inside the object.
        _mediaValues.Sort(static (one, other) => one.Start.Value.CompareTo(other.Start.Value));
        foreach (var value in _mediaValues)
        {
            text.Read(body[from..value.Start.Value]);
            from = value.End.Value;
        }
        text.Read(body[from..]);
        return text.Tokens + Media.Sum(static part => part.Kind == MediaKind.Picture
            ? LikelyTokensPerImage : MediaTokens.AtMost(part, model: "") / LikelyShare);
    }

    /// <summary>The model also reads the search results: input that the request does not contain.</summary>
    public void AddWebSearch() => WebSearches = true;

    public void Walk(ref Utf8JsonReader json, WireApi api)
    {
        if (json.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return;
        var root = json.CurrentDepth;
        Span<InputField> places = stackalloc InputField[CallBodyScanner.MaxDepth + 1];
        var name = InputField.Other;
        var saysWhatItIs = true;
        var found = default(FoundMedia);
        while (json.Read() && json.CurrentDepth > root)
        {
            // A list of token numbers is one prompt; a list of strings or of lists is one prompt per item.
            if (api.AnswersEveryPrompt && json.CurrentDepth == root + 1
                && json.TokenType is JsonTokenType.String or JsonTokenType.StartArray) Prompts++;
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = InputFields.Identify(ref json);
                    if (name == InputField.FreeForm)
                    {
                        json.Read();
                        json.Skip();
                    }
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    if (json.CurrentDepth == root + 1) saysWhatItIs = json.TokenType == JsonTokenType.StartArray;
                    RefersElsewhere |= name is InputField.StoredFile or InputField.FileData;
                    places[json.CurrentDepth] = json.TokenType == JsonTokenType.StartObject ? name : InputField.Other;
                    name = InputField.Other;
                    break;
                case JsonTokenType.String:
                    Take(ref json, name, places[json.CurrentDepth - 1], ref found);
                    if (json.CurrentDepth == root + 2) saysWhatItIs |= name is InputField.Type or InputField.Role;
                    name = InputField.Other;
                    break;
                case JsonTokenType.EndObject:
                    RefersElsewhere |= places[json.CurrentDepth] == InputField.File
                        && (found.Depth != json.CurrentDepth + 1 || found.Kind != InputField.FileData);
                    if (found.Depth == json.CurrentDepth + 1) Add(ref found);
                    if (json.CurrentDepth == root + 1 && api.BareItemsAreReferences) RefersElsewhere |= !saysWhatItIs;
                    name = InputField.Other;
                    break;
                default:
                    name = InputField.Other;
                    break;
            }
        }
        Add(ref found);
    }

    private void Take(ref Utf8JsonReader json, InputField name, InputField parent, ref FoundMedia found)
    {
        switch (name, parent)
        {
            case (InputField.ImageUrl, _) or (InputField.Url, InputField.ImageUrl):
            case (InputField.Data, InputField.InputAudio or InputField.InlineData):
            case (InputField.FileData, _):
                Find(ref json, name is InputField.FileData ? name : name is InputField.Data ? parent : InputField.ImageUrl, ref found);
                break;
            case (InputField.Detail, _):
                // Of two, the dearer one.
                if (found.Begin(json.CurrentDepth)) found.IsLowDetail = json.ValueTextEquals("low"u8) && !found.HasDetail;
                found.HasDetail = true;
                break;
            case (InputField.MimeType, InputField.InlineData) or (InputField.FileName, _):
                if (!found.Begin(json.CurrentDepth)) break;
                // Of two types, the provider may use either.
                if (name == InputField.MimeType && !found.MimeType.IsEmpty) RefersElsewhere = true;
                if (name == InputField.MimeType) found.MimeType = json.ValueSpan;
                else found.IsPdf |= json.ValueSpan.EndsWith(".pdf"u8) || json.ValueSpan.EndsWith(".PDF"u8);
                break;
            // Some clients send unused fields as null, which refer to nothing.
            case (InputField.StoredFile or InputField.File, _):
                RefersElsewhere = true;
                break;
            case (InputField.Type, _) when json.ValueTextEquals("item_reference"u8):
                RefersElsewhere = true;
                break;
        }
    }

    /// <summary>Keeps a value until its object ends: its type may follow it.</summary>
    private void Find(ref Utf8JsonReader json, InputField kind, ref FoundMedia found)
    {
        if (found.Kind != InputField.Other) Add(ref found);
        found.Begin(json.CurrentDepth);
        found.Kind = kind;
        found.Value = json.ValueSpan;
        found.Start = (int)json.TokenStartIndex + 1;
        found.IsEscaped = json.ValueIsEscaped;
    }

    private void Add(ref FoundMedia found)
    {
        var value = found.Value;
        var place = found.Start..(found.Start + value.Length);
        var escaped = found.IsEscaped;
        switch (found.Kind)
        {
            case InputField.ImageUrl:
                Add(MediaReader.Picture(value, escaped, found.IsLowDetail), place);
                break;
            case InputField.InlineData when found.MimeType.StartsWith("image/"u8):
                Add(MediaReader.Picture(value, escaped, isLowDetail: false), place);
                break;
            case InputField.InputAudio:
            case InputField.InlineData when found.MimeType.StartsWith("audio/"u8):
                HasAudio = true;
                if (MediaReader.Sound(value, escaped) is { } sound) Add(sound, place);
                else RefersElsewhere = true;
                break;
            case InputField.InlineData when !(found.MimeType.StartsWith("text/"u8) || found.MimeType.SequenceEqual("application/pdf"u8)):
                RefersElsewhere = true;
                break;
            case InputField.FileData or InputField.InlineData:
                var isPdf = found.IsPdf || found.MimeType.EndsWith("/pdf"u8);
                if (!MediaReader.TryFile(value, escaped, isPdf, out var part)) RefersElsewhere = true;
                else if (part is { } document) Add(document, place);
                break;
        }
        found = default;
    }

    /// <param name="value">Its place in the body.</param>
    public void Add(MediaPart part, Range value)
    {
        Media.Add(part);
        _mediaValues.Add(value);
        _mediaBytes += value.End.Value - value.Start.Value;
    }

    /// <summary>A value that is an image, a file or a sound, with what its object says of it.</summary>
    private ref struct FoundMedia
    {
        public int Depth;
        public InputField Kind;
        public ReadOnlySpan<byte> Value;
        /// <summary>Of the value in the body.</summary>
        public int Start;
        public bool IsEscaped;
        public ReadOnlySpan<byte> MimeType;
        public bool IsLowDetail;
        public bool HasDetail;
        public bool IsPdf;

        /// <returns>False if the object at this depth is another one than that of the value.</returns>
        public bool Begin(int depth)
        {
            if (Depth != depth && Kind == InputField.Other) this = default;
            if (Kind == InputField.Other) Depth = depth;
            return Depth == depth;
        }
    }
}
