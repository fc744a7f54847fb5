using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Callers;

/// <summary>The payload of an AI Pipe token. The original's tokens have <c>email</c> and optionally <c>salt</c>.</summary>
internal sealed record TokenPayload
{
    public string? Email { get; init; }
    public string? Salt { get; init; }
    /// <summary>Expiry, in Unix seconds.</summary>
    public long? Exp { get; init; }
    /// <summary>Not valid before, in Unix seconds.</summary>
    public long? Nbf { get; init; }
    /// <summary>The web origin of the app that the token was issued for.</summary>
    public string? Aud { get; init; }
    /// <summary>The app's allowance, in USD.</summary>
    public decimal? Limit { get; init; }
    /// <summary>The allowance's window in UTC days.</summary>
    public int? Days { get; init; }
    /// <summary>The grant's id (RFC 7519 §4.1.7), by which it is revoked.</summary>
    [JsonConverter(typeof(GrantIdConverter))]
    public Guid? Jti { get; init; }

    /// <summary>How the person signed in (RFC 8176), if it matters: <see cref="ByLink"/>.</summary>
    [JsonConverter(typeof(MethodConverter))]
    public string? Amr { get; init; }
    /// <summary>The time of the sign-in, in Unix seconds.</summary>
    [JsonConverter(typeof(SecondsConverter))]
    public long? Iat { get; init; }

    /// <summary>The value of <see cref="Amr"/> for one-time links.</summary>
    public const string ByLink = "link";

    /// <summary>The value of <see cref="Amr"/> for Google.</summary>
    public const string ByGoogle = "google";

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
