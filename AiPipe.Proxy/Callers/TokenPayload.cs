using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Callers;

/// <summary>What an AI Pipe token says. The original's tokens have <c>email</c> and perhaps <c>salt</c>; the rest is ours.</summary>
internal sealed record TokenPayload
{
    public string? Email { get; init; }
    public string? Salt { get; init; }
    /// <summary>Not valid from here on, in seconds since 1970.</summary>
    public long? Exp { get; init; }
    /// <summary>Not valid before, in seconds since 1970.</summary>
    public long? Nbf { get; init; }
    /// <summary>The web origin of the app that the token was made for.</summary>
    public string? Aud { get; init; }
    /// <summary>The app's slice of the user's budget, in USD.</summary>
    public decimal? Limit { get; init; }
    /// <summary>The slice's window in UTC days.</summary>
    public int? Days { get; init; }
    /// <summary>The id of the grant that the token stands for (RFC 7519 §4.1.7): what revoking it names.</summary>
    [JsonConverter(typeof(GrantIdConverter))]
    public Guid? Jti { get; init; }

    /// <summary>How the person signed in (RFC 8176), where that matters: <see cref="ByLink"/>.</summary>
    [JsonConverter(typeof(MethodConverter))]
    public string? Amr { get; init; }
    /// <summary>When that was, in seconds since 1970.</summary>
    [JsonConverter(typeof(SecondsConverter))]
    public long? Iat { get; init; }

    /// <summary>The value of <see cref="Amr"/> in tokens for one-time links.</summary>
    public const string ByLink = "link";

    /// <summary>Reads a payload; <c>null</c> when it is not one of ours.</summary>
    public static TokenPayload? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TokenJson.Default.TokenPayload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TokenJson.Default.TokenPayload);
}

[JsonSerializable(typeof(TokenPayload))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class TokenJson : JsonSerializerContext;
