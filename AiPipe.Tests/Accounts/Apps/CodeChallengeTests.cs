using AiPipe.Proxy.Accounts.Apps;

namespace AiPipe.Tests.Accounts.Apps;

public sealed class CodeChallengeTests
{
    /// <summary>RFC 7636, appendix B.</summary>
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Fact]
    public void Verifier_of_the_rfc_meets_its_challenge()
    {
        Assert.True(CodeChallenge.IsUsable(Challenge));
        Assert.True(CodeChallenge.IsMetBy(Verifier, Challenge));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(Challenge)]
    [InlineData(Verifier + "A")]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX")]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX=")]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXé")]
    public void Other_verifiers_do_not(string? verifier) => Assert.False(CodeChallenge.IsMetBy(verifier, Challenge));

    [Theory]
    [InlineData("")]
    [InlineData(Challenge + "=")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")]
    public void Other_texts_are_no_challenge(string challenge) => Assert.False(CodeChallenge.IsUsable(challenge));
}
