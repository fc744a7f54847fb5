using System.Text;
using AiPipe.Proxy.Callers;

namespace AiPipe.Tests.Callers;

public sealed class TokenPayloadTests
{
    [Fact]
    public void What_a_token_says_is_read_back()
    {
        var payload = new TokenPayload
        {
            Email = "grüße@example.com",
            Salt = "s\"1",
            Exp = 4_102_444_800,
            Nbf = 1,
            Aud = "https://app.example",
            Limit = 0.000000000001m,
            Days = 30,
        };
        Assert.Equal(payload, TokenPayload.Parse(payload.ToJson()));
        Assert.Equal("""{"email":"a@b"}""", Encoding.UTF8.GetString(new TokenPayload { Email = "a@b" }.ToJson()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Email":"a@b","EXP":1}""")]
    [InlineData("""{"email":null,"salt":null,"exp":null}""")]
    [InlineData("""{"sub":"x","jti":["x"],"admin":true,"roles":{"admin":1}}""")]
    public void What_is_not_said_is_not_known(string json) =>
        Assert.Equal(new TokenPayload(), TokenPayload.Parse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"a@b\"")]
    [InlineData("{")]
    [InlineData("""{"email":"a@b"}x""")]
    [InlineData("""{"email":["a@b"]}""")]
    [InlineData("""{"email":7}""")]
    [InlineData("""{"email":"\ud800"}""")]
    [InlineData("""{"aud":["https://app.example"]}""")]
    [InlineData("""{"exp":"4102444800"}""")]
    [InlineData("""{"exp":9223372036854775808}""")]
    [InlineData("""{"limit":1e40}""")]
    [InlineData("""{"limit":"1"}""")]
    [InlineData("""{"limit":NaN}""")]
    [InlineData("""{"days":1.5}""")]
    [InlineData("""{"days":2147483648}""")]
    public void What_cannot_be_taken_at_its_word_is_no_payload(string json) =>
        Assert.Null(TokenPayload.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_no_text_are_no_payload() => Assert.Null(TokenPayload.Parse([.. "{\"email\":\""u8, 0xFF, .. "\"}"u8]));
}
