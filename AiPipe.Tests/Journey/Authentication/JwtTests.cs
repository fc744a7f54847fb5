using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AiPipe.Proxy.Journey.Authentication;

namespace AiPipe.Tests.Journey.Authentication;

public sealed class JwtTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=%. \t\n\0é";
    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();
    private static readonly byte[] Payload = """{"email":"ann@example.com"}"""u8.ToArray();

    [Fact]
    public void What_was_signed_is_read_back()
    {
        var random = new Random(20261121);
        for (var length = 0; length < 300; length++)
        {
            var (payload, secret) = (new byte[length], new byte[random.Next(1, 100)]);
            random.NextBytes(payload);
            random.NextBytes(secret);
            var token = Jwt.Sign(payload, secret);
            Assert.True(Jwt.LooksLike(token));
            // An empty payload is signed all right; it is no payload of ours, which TokenPayload says.
            Assert.Equal(payload, Jwt.Verify(token, secret));
            Assert.Null(Jwt.Verify(token, [.. secret, 1]));
        }
    }

    [Fact]
    public void No_letter_of_a_token_can_be_changed_added_or_left_out()
    {
        var token = Jwt.Sign(Payload, Secret);
        for (var at = 0; at <= token.Length; at++)
        {
            var (before, after) = (token[..at], token[at..]);
            foreach (var letter in Alphabet)
            {
                Assert.True(Jwt.Verify(before + letter + after, Secret) is null, $"'{letter}' added at {at} of {token.Length}");
                if (at < token.Length && letter != token[at])
                    Assert.True(Jwt.Verify(before + letter + after[1..], Secret) is null, $"'{letter}' in place of '{token[at]}' at {at} of {token.Length}");
            }
            if (at == token.Length) continue;
            Assert.Null(Jwt.Verify(before, Secret));
            Assert.Null(Jwt.Verify(before + after[1..], Secret));
        }
    }

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT","alg":"HS256","kid":"1"}""")]
    [InlineData(""" { "alg" : "HS256" } """)]
    public void These_headers_are_ours(string header) => Assert.Equal(Payload, Jwt.Verify(Signed(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))), Secret));

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
    public void Headers_of_others_are_refused_however_well_they_are_signed(string header) =>
        Assert.Null(Jwt.Verify(Signed(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))), Secret));

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
    public void What_is_no_token_is_refused(string token) => Assert.Null(Jwt.Verify(token, Secret));

    [Fact]
    public void A_signature_for_other_parts_is_refused()
    {
        var parts = Jwt.Sign(Payload, Secret).Split('.');
        var admin = Base64Url.EncodeToString("""{"email":"admin@example.com"}"""u8);
        Assert.Null(Jwt.Verify($"{parts[0]}.{admin}.{parts[2]}", Secret));
        Assert.Null(Jwt.Verify($"{parts[0]}.{parts[1]}.{parts[1]}.{parts[2]}", Secret));
        Assert.Null(Jwt.Verify($".{parts[1]}.{parts[2]}", Secret));
        Assert.Null(Jwt.Verify($"{parts[0]}..{parts[2]}", Secret));
        // A hash of the same length that is no HMAC
        var plain = Base64Url.EncodeToString(SHA256.HashData([.. Secret, .. Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}")]));
        Assert.Null(Jwt.Verify($"{parts[0]}.{parts[1]}.{plain}", Secret));
    }

    [Fact]
    public void Four_parts_are_refused_however_well_they_are_signed()
    {
        var parts = Jwt.Sign(Payload, Secret).Split('.');
        Assert.Null(Jwt.Verify(WithSignature($"{parts[0]}.{parts[1]}.{parts[1]}"), Secret));
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
    public void A_payload_is_written_in_one_way_only(string payload) =>
        Assert.Null(Jwt.Verify(WithSignature($"{Base64Url.EncodeToString("""{"alg":"HS256"}"""u8)}.{payload}"), Secret));

    [Fact]
    public void Tokens_of_4096_letters_are_read_and_longer_ones_are_not()
    {
        var overhead = Jwt.Sign([], Secret).Length;
        var longest = (Jwt.MaxLength - overhead) / 4 * 3;
        Assert.NotNull(Jwt.Verify(Jwt.Sign(new byte[longest], Secret), Secret));
        Assert.Null(Jwt.Verify(Jwt.Sign(new byte[longest + 3], Secret), Secret));
        Assert.Null(Jwt.Verify(new string('.', 10_000_000), Secret));
    }

    private static string Signed(string header) => WithSignature($"{header}.{Base64Url.EncodeToString(Payload)}");

    private static string WithSignature(string signed) =>
        $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(signed)))}";
}
