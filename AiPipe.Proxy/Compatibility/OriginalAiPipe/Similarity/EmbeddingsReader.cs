using System.Buffers.Binary;
using System.Text.Json;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>
/// Parses vectors from a response of <c>/v1/embeddings</c> as it arrives, in both formats (base64 of little-endian floats, or lists of
/// numbers): https://platform.openai.com/docs/api-reference/embeddings/object.
/// </summary>
internal sealed class EmbeddingsReader(int count)
{
    /// <summary>The most dimensions of a vector; three times that of the largest models.</summary>
    public const int MaxDimensions = 12 << 10;
    /// <summary>The longest unfinished token that is kept: the largest vector in base64.</summary>
    private const int MaxPendingBytes = MaxDimensions * 4 / 3 * sizeof(float);

    private readonly float[]?[] _vectors = new float[]?[count];
    private readonly List<float> _numbers = [];
    private byte[] _pending = [];
    private int _pendingLength;
    private JsonReaderState _state;
    private Field _section, _field;
    private float[]? _vector;
    private int _index = -1;
    private int _next;
    private bool _isBroken;

    private enum Field { Other, Data, Usage, Index, Embedding, Tokens }

    /// <summary>Input tokens as reported by the provider; <c>null</c> = not reported.</summary>
    public long? Tokens { get; private set; }

    /// <summary>The vectors in the order of the inputs; <c>null</c> if the response is incomplete or invalid.</summary>
    public float[][]? Vectors()
    {
        if (_isBroken || !Array.TrueForAll(_vectors, vector => vector?.Length > 0 && vector.Length == _vectors[0]!.Length)) return null;
        return _vectors!;
    }

    public void Read(ReadOnlySpan<byte> piece)
    {
        if (_isBroken) return;
        if (_pending.Length < _pendingLength + piece.Length) Array.Resize(ref _pending, _pendingLength + piece.Length);
        piece.CopyTo(_pending.AsSpan(_pendingLength));
        var bytes = _pending.AsSpan(0, _pendingLength + piece.Length);
        try
        {
            var json = new Utf8JsonReader(bytes, isFinalBlock: false, _state);
            while (!_isBroken && json.Read()) Take(ref json);
            _state = json.CurrentState;
            var rest = bytes[(int)json.BytesConsumed..];
            rest.CopyTo(_pending);
            _pendingLength = rest.Length;
            _isBroken |= _pendingLength > MaxPendingBytes;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            _isBroken = true;
        }
    }

    private void Take(ref Utf8JsonReader json)
    {
        switch (json.TokenType, json.CurrentDepth, _section)
        {
            case (JsonTokenType.PropertyName, 1, _):
                _section = json.ValueTextEquals("data"u8) ? Field.Data : json.ValueTextEquals("usage"u8) ? Field.Usage : Field.Other;
                break;
            case (JsonTokenType.PropertyName, 2, Field.Usage):
                _field = json.ValueTextEquals("prompt_tokens"u8) ? Field.Tokens : Field.Other;
                break;
            case (JsonTokenType.Number, 2, Field.Usage) when _field == Field.Tokens:
                Tokens = json.TryGetInt64(out var tokens) ? tokens : null;
                break;
            case (JsonTokenType.StartObject, 2, Field.Data):
                (_index, _vector) = (_next++, null);
                break;
            case (JsonTokenType.PropertyName, 3, Field.Data):
                _field = json.ValueTextEquals("embedding"u8) ? Field.Embedding : json.ValueTextEquals("index"u8)
                    ? Field.Index : Field.Other;
                break;
            case (JsonTokenType.Number, 3, Field.Data) when _field == Field.Index:
                _index = json.GetInt32();
                break;
            case (JsonTokenType.String, 3, Field.Data) when _field == Field.Embedding:
                _vector = Decode(json.GetBytesFromBase64());
                break;
            case (JsonTokenType.Number, 4, Field.Data) when _field == Field.Embedding:
                _numbers.Add(json.GetSingle());
                _isBroken = _numbers.Count > MaxDimensions;
                break;
            case (JsonTokenType.EndArray, 3, Field.Data) when _field == Field.Embedding:
                _vector = [.. _numbers];
                _numbers.Clear();
                break;
            case (JsonTokenType.EndObject, 2, Field.Data):
                if ((uint)_index < (uint)_vectors.Length) _vectors[_index] = _vector;
                else _isBroken = true;
                break;
            default:
                break;
        }
    }

    private static float[] Decode(byte[] bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return vector;
    }
}
