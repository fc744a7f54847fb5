using System.Text.Json;
using System.Text.Unicode;
using AiPipe.Proxy.Errors;
using static System.FormattableString;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Reads a JSON body in one pass without building a tree. Refuses duplicate fields, of which the provider may use another one.
/// </summary>
internal ref struct CallBodyScanner
{
    /// <summary>Deeper nesting is refused; tool schemas stay far below.</summary>
    public const int MaxDepth = 128;
    private const int MaxAnswers = 128;
    /// <summary>The maximum of prompts times choices per call.</summary>
    private const int MaxAnswersInAll = 2048;
    private const int MaxModelLength = 200;
    /// <summary>Searches per response if the request does not limit its tool calls; added to the request then.</summary>
    private const int MaxWebSearches = 3;

    private readonly WireApi _api;
    private readonly ProviderEndpoint _endpoint;
    private readonly string _provider;
    private readonly BodyLayout _layout = new();
    private readonly InputMeasure _input = new();
    private Utf8JsonReader _json;
    private RequestField _seen;
    private string? _model, _serviceTier;
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
        if ((_seen & field & ~(RequestField.InputElsewhere | RequestField.Unmetered)) != RequestField.Other) return false;
        _seen |= field;
        return true;
    }

    private Refusal? ReadField(RequestField field, string? name)
    {
        switch (field)
        {
            case RequestField.Model when _json.TokenType == JsonTokenType.String && _json.ValueSpan.Length <= MaxModelLength:
                (_model, _layout.Model) = (_json.GetString(), ValueSpot.OfText(ref _json));
                return _endpoint.PathModel is { } named && named != _model && "models/" + named != _model
                    ? Refusal.InvalidRequest("The field \"model\" names another model than the path.", "model")
                    : null;
            case RequestField.Stream when _json.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                _streams = _json.TokenType == JsonTokenType.True;
                return null;
            case RequestField.MaxTokens or RequestField.MaxCompletionTokens or RequestField.MaxOutputTokens:
                return ReadOutputLimit(name!);
            case RequestField.N:
                return CountField.Read(ref _json, name!, MaxAnswers, ref _answers);
            case RequestField.BestOf:
                return CountField.Read(ref _json, name!, MaxAnswers, ref _bestOf);
            case RequestField.MaxToolCalls:
                _layout.MaxToolCalls = ValueSpot.FromCurrent(ref _json);
                return CountField.Read(ref _json, name!, int.MaxValue, ref _maxToolCalls);
            case RequestField.ServiceTier when _json.TokenType is JsonTokenType.String or JsonTokenType.Null:
                _serviceTier = _json.GetString();
                return null;
            case RequestField.StreamOptions when _json.TokenType is JsonTokenType.StartObject or JsonTokenType.Null:
                return StreamOptions.Read(ref _json, _layout);
            case RequestField.GenerationConfig when _json.TokenType == JsonTokenType.StartObject:
                return ReadGenerationConfig();
            case RequestField.Input:
                _input.Walk(ref _json, _api);
                return null;
            case RequestField.Tools:
                return _api.ReadTools(ref _json, _input);
            case RequestField.InputElsewhere:
                if (_json.TokenType != JsonTokenType.Null) _input.RefersElsewhere = true;
                _json.Skip();
                return null;
            case RequestField.WebSearchOptions:
                if (_json.TokenType != JsonTokenType.Null) _input.AddWebSearch();
                _json.Skip();
                return null;
            case RequestField.Modalities:
                return Modalities.Read(ref _json, _input);
            case RequestField.Unmetered:
                if (_json.TokenType is not (JsonTokenType.Null or JsonTokenType.False))
                    return Refusal.UnsupportedField(
                        $"The field \"{name}\" is not metered, so it cannot be used with our key at {_provider}.", name);
                return null;
            case RequestField.Other:
                _json.Skip();
                return null;
            default:
                return Refusal.InvalidRequest($"The field \"{name}\" has a value of the wrong kind.", name);
        }
    }

    private Refusal? ReadOutputLimit(string name)
    {
        var spot = ValueSpot.FromCurrent(ref _json);
        if (_json.TokenType != JsonTokenType.Null)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out var limit) || limit < 1)
                return Refusal.InvalidRequest($"The field \"{name}\" must be a whole number above 0.", name);
            // Of max_tokens and max_completion_tokens, the larger is the worst case; both are lowered.
            _outputLimit = Math.Max(_outputLimit ?? 0, limit);
        }
        _layout.OutputLimits.Add(spot);
        return null;
    }

    private Refusal? ReadGenerationConfig()
    {
        var inside = (int)_json.BytesConsumed;
        var isEmpty = true;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var field = _api.GenerationConfigFields.Identify(ref _json);
            var name = RequestFields.NameOf(ref _json);
            if (!IsFirst(field)) return Refusal.DuplicateField(name);
            _json.Read();
            if (ReadField(field, name) is { } refusal) return refusal;
        }
        _layout.LimitParent = new ObjectSpot(inside, isEmpty);
        return null;
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
        Model = _endpoint.PathModel ?? _model ?? "",
        Streams = _streams || _endpoint.Streams,
        OutputLimit = _outputLimit,
        Answers = (long)Math.Max(_answers, _bestOf) * Math.Max(1, _input.Prompts),
        InputTokensAtMost = _input.TokensAtMost(bytes.Length),
        InputTokensLikely = _input.TokensLikely(bytes.Length),
        HasAudio = _input.HasAudio,
        HasImages = _input.Images > 0,
        WebSearchesAtMost = SearchesAtMost(),
        ServiceTier = _serviceTier,
    };
}
