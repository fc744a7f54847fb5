using AiPipe.Proxy.Infrastructure;

namespace AiPipe.Tests.Infrastructure;

public sealed class EmailTests
{
    [Theory]
    [InlineData(" Ann@Example.COM\t", "ann@example.com", "@example.com")]
    [InlineData("\"a@b\"@Example.com", "\"a@b\"@example.com", "@example.com")]
    [InlineData("INFO@EXAMPLE.COM", "info@example.com", "@example.com")]
    [InlineData("nobody", "nobody", "@nobody")]
    [InlineData("ann@", "ann@", "@")]
    public void One_address_has_one_spelling(string written, string email, string domain)
    {
        Assert.Equal(email, Email.Normalize(written));
        Assert.Equal(domain, Email.Domain(email));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("  ", false)]
    [InlineData("a\0@b", false)]
    [InlineData("a@b\r\n", false)]
    [InlineData("a\u0085@b", false)]
    [InlineData("a@b", true)]
    [InlineData("世界@example.com", true)]
    public void A_users_name_can_be_shown_and_stored(string? email, bool usable) => Assert.Equal(usable, Email.IsUsable(email));

    [Fact]
    public void A_users_name_has_254_letters_at_most()
    {
        Assert.True(Email.IsUsable(new string('a', 254)));
        Assert.False(Email.IsUsable(new string('a', 255)));
    }
}
