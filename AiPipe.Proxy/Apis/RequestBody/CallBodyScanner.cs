using System.Text.Json;
using System.Text.Unicode;
using AiPipe.Proxy.Apis.RequestBody.Media;
using AiPipe.Proxy.Errors;
using static System.FormattableString;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Reads a JSON body in one pass without building a tree. Refuses duplicate fields, of which the provider may use another one.
/// </summary>
internal ref partial struct CallBodyScanner
{
    /// <summary>Deeper nesting is refused; tool schemas stay far below.</summary>
    public const int MaxDepth = 128;
    private const int MaxAnswers = 128;
    /// <summary>The maximum of prompts times choices per call.</summary>
    private const int MaxAnswersInAll = 2048;
    private const int MaxModelLength = 200;
    /// <summary>Searches per response if the request does not limit its tool calls; added to the request then.</summary>
    public const int MaxWebSearches = 3;

    private readonly WireApi _api;
    private readonly ProviderEndpoint _endpoint;
    private readonly string _provider;
    private readonly BodyLayout _layout = new();
    private readonly InputMeasure _input = new();
    private Utf8JsonReader _json;
    private RequestField _seen;
    private string? _model, _serviceTier, _previousResponse;
    private long _predictedTokens;
    private bool _streams;
    private long? _outputLimit;
    private int _answers = 1, _bestOf = 1;
    private int _maxToolCalls = MaxWebSearches;

    private CallBodyScanner(ReadOnlySpan<byte> bytes, WireApi api, ProviderEndpoint endpoint, string provider)
    {
        (_api, _endpoint, _provider) = (api, endpoint, provider);
        _json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    public static Refusal? Scan(
        ReadOnlyMemory<byte> bytes, WireApi api, ProviderEndpoint endpoint, string provider, out CallBody? body)
    {
        body = null;
        // The reader does not validate skipped text, and other readers drop or replace invalid bytes.
        if (!Utf8.IsValid(bytes.Span)) return Refusal.BadJson("a text in it is not valid UTF-8.");
        try
        {
            var scanner = new CallBodyScanner(bytes.Span, api, endpoint, provider);
            if (scanner.ReadRoot() is { } refusal) return refusal;
            body = scanner.ToBody(bytes);
            if (body.Answers > MaxAnswersInAll) return Refusal.InvalidRequest($"The request asks for more than {MaxAnswersInAll} choices.");
            return body.Model.Length == 0 ? Refusal.ModelMissing() : null;
        }
        catch (JsonException e)
        {
            return Malformed(e);
        }
        catch (InvalidOperationException)
        {
            // The reader throws this for an unpaired surrogate in an escape.
            return Refusal.BadJson("a text in it is not valid Unicode.");
        }
    }

    public static Refusal Malformed(JsonException e) =>
        Refusal.BadJson(Invariant($"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));

    private Refusal? ReadRoot()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) return Refusal.InvalidRequest("The body must be a JSON object.");
        var inside = (int)_json.BytesConsumed;
        var isEmpty = true;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var field = _api.Fields.Identify(ref _json);
            var name = field == RequestField.Other ? null : RequestFields.NameOf(ref _json);
            if (!IsFirst(field)) return Refusal.DuplicateField(name!);
            _json.Read();
            if (ReadField(field, name) is { } refusal) return refusal;
        }
        _layout.Root = new ObjectSpot(inside, isEmpty);
        while (_json.Read()) { } // Throws if data follows the object.
        return null;
    }

    /// <summary>False if a field appears a second time; fields with several names are not counted.</summary>
    private bool IsFirst(RequestField field)
    {
        const RequestField Repeatable = RequestField.InputElsewhere | RequestField.Unmetered | RequestField.Thinking
            | RequestField.UnitDetail;
        if ((_seen & field & ~Repeatable) != RequestField.Other) return false;
        _seen |= field;
        return true;
    }

    /// <summary>A chat completion searches once; a response searches at most once per tool call.</summary>
    private readonly int SearchesAtMost()
    {
        if (!_input.WebSearches) return 0;
        return _api.LimitsToolCalls ? _maxToolCalls : 1;
    }

    private readonly CallBody ToBody(ReadOnlyMemory<byte> bytes) => new()
    {
        Bytes = bytes,
        Layout = _layout,
        Model = _endpoint.PathModel ?? _model ?? _api.DefaultModel,
        Streams = _streams || _endpoint.Streams,
        OutputLimit = _outputLimit,
        Answers = (long)Math.Max(_answers, _bestOf) * Math.Max(1, _input.Prompts),
        InputTokensAtMost = _input.RefersElsewhere || _previousResponse is not null || _input.WebSearches ? null
            : _input.TextTokensAtMost(bytes.Length) + _input.Media.Sum(static part => MediaTokens.AtMost(part, model: "")),
        TextTokensAtMost = _input.RefersElsewhere ? null : _input.TextTokensAtMost(bytes.Length),
        Media = _input.Media,
        PreviousResponse = _previousResponse,
        PredictedTokensAtMost = _predictedTokens,
        InputTokensLikely = _input.TokensLikely(bytes.Span),
        HasAudio = _input.HasAudio,
        HasImages = _input.HasImages,
        WebSearchesAtMost = SearchesAtMost(),
        ServiceTier = _serviceTier,
    };
}
