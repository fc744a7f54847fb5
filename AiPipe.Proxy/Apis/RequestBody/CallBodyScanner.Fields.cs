using System.Text;
using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

internal ref partial struct CallBodyScanner
{
    private Refusal? ReadField(RequestField field, string? name)
    {
        switch (field)
        {
            case RequestField.Model when _json.TokenType == JsonTokenType.String && _json.ValueSpan.Length <= MaxModelLength:
                (_model, _layout.Model) = (_json.GetString(), ValueSpot.OfText(ref _json));
                // OpenRouter searches the web for such a model.
                if (_model!.EndsWith(":online", StringComparison.Ordinal)) _input.AddWebSearch();
                return _endpoint.PathModel is { } named && !_api.IgnoresModelBesidePath && named != _model && "models/" + named != _model
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
            case RequestField.Input or RequestField.Instructions:
                _api.MeasureInput(ref _json, _input);
                return null;
            case RequestField.Tools:
                var refused = _api.ReadTools(ref _json, _input);
                _layout.SearchLimit = _input.SearchLimit;
                _maxToolCalls = _input.SearchLimit?.Uses ?? _maxToolCalls;
                return refused;
            case RequestField.ContextManagement:
                return ContextEdits.Read(ref _json, name!);
            case RequestField.InputElsewhere:
                if (_json.TokenType != JsonTokenType.Null) _input.RefersElsewhere = true;
                _json.Skip();
                return null;
            case RequestField.PreviousResponse when _json.TokenType is JsonTokenType.String or JsonTokenType.Null:
                _previousResponse = _json.GetString();
                return null;
            case RequestField.Prediction:
                var start = _json.TokenStartIndex;
                _json.Skip();
                if (_json.TokenType != JsonTokenType.Null) _predictedTokens = _json.BytesConsumed - start;
                return null;
            case RequestField.Thinking:
                return ThinkingLimit.Read(ref _json, name!, _layout);
            case RequestField.ProviderPreferences:
                return ProviderPreferences.Read(ref _json, _layout);
            case RequestField.WebSearchOptions:
                if (_json.TokenType != JsonTokenType.Null) _input.AddWebSearch();
                _json.Skip();
                return null;
            case RequestField.Modalities:
                return Modalities.Read(ref _json, _input);
            case RequestField.Unmetered:
                // Some clients send an empty list of fallback models.
                if (_json.TokenType is not (JsonTokenType.Null or JsonTokenType.False) && !IsEmptyList())
                    return Refusal.UnsupportedField(
                        $"The field \"{name}\" is not metered, so it cannot be used with our key at {_provider}.", name);
                return null;
            case RequestField.UnitDetail when _json.TokenType == JsonTokenType.Null:
                return null;
            case RequestField.UnitDetail when _json.TokenType is JsonTokenType.String or JsonTokenType.Number:
                var detail = _json.TokenType == JsonTokenType.String ? _json.GetString()! : Encoding.UTF8.GetString(_json.ValueSpan);
                return _layout.UnitDetails.TryAdd(name!, detail) ? null : Refusal.DuplicateField(name!);
            case RequestField.Other:
                _json.Skip();
                return null;
            default:
                return Refusal.InvalidRequest($"The field \"{name}\" has a value of the wrong kind.", name);
        }
    }

    /// <summary>Moves to the end of an empty list.</summary>
    private bool IsEmptyList() => _json.TokenType == JsonTokenType.StartArray && _json.Read() && _json.TokenType == JsonTokenType.EndArray;

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
}
