using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Callers;

namespace AiPipe.Tests.Callers;

public sealed class JwtTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=%. \t\n\0é";
    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();
    private static readonly byte[] Payload = """{"email":"ann@example.com"}"""u8.ToArray();

    [Fact]
    public async Task What_was_signed_is_read_back()
    {
        var random = new Random(20261121);
        for (var length = 0; length < 300; length++)
        {
            var (payload, secret) = (Object(length, random), new byte[random.Next(1, 100)]);
            random.NextBytes(secret);
            var token = Jwt.Sign(payload, secret);
            Assert.True(Jwt.LooksLike(token));
            Assert.Equal(payload, await Jwt.VerifyAsync(token, secret));
            Assert.Null(await Jwt.VerifyAsync(token, [.. secret, 1]));
        }
    }

    // The library refuses keys of less than 32 bytes; secrets of the original's deployments are often shorter.
    [Fact]
    public async Task Secrets_of_any_length_sign_as_plain_HMAC_does()
    {
        for (var length = 1; length <= 130; length++)
        {
            var secret = RandomNumberGenerator.GetBytes(length);
            var token = Jwt.Sign(Payload, secret);
            var signed = token[..token.LastIndexOf('.')];
            Assert.Equal(WithSignature(signed, secret), token);
            var plain = WithSignature($"{Base64Url.EncodeToString("""{"alg":"HS256"}"""u8)}.{Base64Url.EncodeToString(Payload)}", secret);
            Assert.Equal(Payload, await Jwt.VerifyAsync(plain, secret));
        }
    }

    [Fact]
    public async Task No_letter_of_a_token_can_be_changed_added_or_left_out()
    {
        var token = Jwt.Sign(Payload, Secret);
        for (var at = 0; at <= token.Length; at++)
        {
            var (before, after) = (token[..at], token[at..]);
            foreach (var letter in Alphabet)
            {
                Assert.True(await Jwt.VerifyAsync(before + letter + after, Secret) is null, $"'{letter}' added at {at} of {token.Length}");
                if (at < token.Length && letter != token[at])
                    Assert.True(await Jwt.VerifyAsync(before + letter + after[1..], Secret) is null,
                        $"'{letter}' in place of '{token[at]}' at {at} of {token.Length}");
            }
            if (at == token.Length) continue;
            Assert.Null(await Jwt.VerifyAsync(before, Secret));
            Assert.Null(await Jwt.VerifyAsync(before + after[1..], Secret));
        }
    }

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT","alg":"HS256","kid":"1"}""")]
    [InlineData(""" { "alg" : "HS256" } """)]
    public async Task These_headers_are_ours(string header) =>
        Assert.Equal(Payload, await Jwt.VerifyAsync(Signed(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))), Secret));

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":""}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":"HS256 "}""")]
    [InlineData("""{"alg":"HS384"}""")]
    [InlineData("""{"alg":"HS512"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"ES256","jwk":{}}""")]
    [InlineData("""{"alg":null}""")]
    [InlineData("""{"alg":["HS256"]}""")]
    [InlineData("""{"alg":{"HS256":1}}""")]
    [InlineData("""{"alg":256}""")]
    [InlineData("""{"ALG":"HS256"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"HS256","crit":[]}""")]
    [InlineData("""{"alg":"HS256","crit":null}""")]
    [InlineData("""{"alg":"HS256","alg":"none"}""")]
    [InlineData("""["alg","HS256"]""")]
    [InlineData("\"HS256\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"alg":"HS256"}x""")]
    public async Task Headers_of_others_are_refused_however_well_they_are_signed(string header) =>
        Assert.Null(await Jwt.VerifyAsync(Signed(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))), Secret));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a.b")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9..")]
    [InlineData(".e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("é.é.é")]
    public async Task What_is_no_token_is_refused(string token) => Assert.Null(await Jwt.VerifyAsync(token, Secret));

    [Fact]
    public async Task A_signature_for_other_parts_is_refused()
    {
        var parts = Jwt.Sign(Payload, Secret).Split('.');
        var admin = Base64Url.EncodeToString("""{"email":"admin@example.com"}"""u8);
        Assert.Null(await Jwt.VerifyAsync($"{parts[0]}.{admin}.{parts[2]}", Secret));
        Assert.Null(await Jwt.VerifyAsync($"{parts[0]}.{parts[1]}.{parts[1]}.{parts[2]}", Secret));
        Assert.Null(await Jwt.VerifyAsync($".{parts[1]}.{parts[2]}", Secret));
        Assert.Null(await Jwt.VerifyAsync($"{parts[0]}..{parts[2]}", Secret));
        // A hash of the same length that is no HMAC
        var plain = Base64Url.EncodeToString(SHA256.HashData([.. Secret, .. Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}")]));
        Assert.Null(await Jwt.VerifyAsync($"{parts[0]}.{parts[1]}.{plain}", Secret));
    }

    [Fact]
    public async Task Four_parts_are_refused_however_well_they_are_signed()
    {
        var parts = Jwt.Sign(Payload, Secret).Split('.');
        Assert.Null(await Jwt.VerifyAsync(WithSignature($"{parts[0]}.{parts[1]}.{parts[1]}"), Secret));
        Assert.False(Jwt.LooksLike(WithSignature($"{parts[0]}.{parts[1]}.{parts[1]}")));
    }

    [Theory]
    [InlineData("e30=")]
    [InlineData("e 30")]
    [InlineData("e30\n")]
    [InlineData("e3+0")]
    [InlineData("e3/0")]
    [InlineData("e30%")]
    [InlineData("e3")]
    [InlineData("e")]
    public async Task A_payload_is_written_in_one_way_only(string payload) =>
        Assert.Null(await Jwt.VerifyAsync(WithSignature($"{Base64Url.EncodeToString("""{"alg":"HS256"}"""u8)}.{payload}"), Secret));

    [Fact]
    public async Task Tokens_of_4096_letters_are_read_and_longer_ones_are_not()
    {
        var overhead = Jwt.Sign("{}"u8, Secret).Length - 3;
        var longest = (Jwt.MaxLength - overhead) / 4 * 3;
        Assert.NotNull(await Jwt.VerifyAsync(Jwt.Sign(Object(longest), Secret), Secret));
        Assert.Null(await Jwt.VerifyAsync(Jwt.Sign(Object(longest + 3), Secret), Secret));
        Assert.Null(await Jwt.VerifyAsync(new string('.', 10_000_000), Secret));
    }

    // RFC 7519 §4.1 says of which kind these are.
    [Theory]
    [InlineData("""{"iat":"x"}""")]
    [InlineData("""{"iat":null}""")]
    [InlineData("""{"exp":null}""")]
    [InlineData("""{"jti":["x"]}""")]
    [InlineData("""{"sub":{"x":1}}""")]
    [InlineData("""{"iss":[1]}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Registered_claims_of_the_wrong_kind_are_refused(string payload) =>
        Assert.Null(await Jwt.VerifyAsync(Jwt.Sign(Encoding.UTF8.GetBytes(payload), Secret), Secret));

    /// <summary>A JSON object of so many bytes, nine at least.</summary>
    private static byte[] Object(int length, Random? random = null)
    {
        var text = new char[Math.Max(length - 9, 0)];
        for (var i = 0; i < text.Length; i++) text[i] = (char)(random?.Next('a', 'z' + 1) ?? 'a');
        return Encoding.ASCII.GetBytes($$"""{"a": "{{new string(text)}}"}""");
    }

    private static string Signed(string header) => WithSignature($"{header}.{Base64Url.EncodeToString(Payload)}");

    private static string WithSignature(string signed, byte[]? secret = null) =>
        $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret ?? Secret, Encoding.UTF8.GetBytes(signed)))}";
}
