using AiPipe.Proxy.Accounts.Apps;
using AiPipe.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace AiPipe.Tests.Accounts.Apps;

/// <summary>Where people may be sent back to with a token.</summary>
public sealed class RedirectAddressTests
{
    private static readonly HashSet<string> None = [];

    [Theory]
    [InlineData("https://app.example", "https://app.example", "https://app.example/")]
    [InlineData("https://app.example/", "https://app.example", "https://app.example/")]
    [InlineData("HTTPS://App.EXAMPLE/Page", "https://app.example", "https://app.example/Page")]
    [InlineData("https://app.example:443/x", "https://app.example", "https://app.example/x")]
    [InlineData("https://app.example:0443", "https://app.example", "https://app.example/")]
    [InlineData("https://app.example:8443?a=b", "https://app.example:8443", "https://app.example:8443/?a=b")]
    [InlineData("https://app.example:80/", "https://app.example:80", "https://app.example:80/")]
    [InlineData("https://app.example#top", "https://app.example", "https://app.example/#top")]
    [InlineData("https://app.example/a?b=c#/route?d=e#f", "https://app.example", "https://app.example/a?b=c#/route?d=e#f")]
    [InlineData("https://app.example/my page.html", "https://app.example", "https://app.example/my%20page.html")]
    [InlineData("https://app.example/my%20page.html", "https://app.example", "https://app.example/my%20page.html")]
    [InlineData("https://app.example/100%", "https://app.example", "https://app.example/100%25")]
    [InlineData("https://app.example/100%2", "https://app.example", "https://app.example/100%252")]
    [InlineData("https://app.example/?q=\"<x>`{|}^", "https://app.example", "https://app.example/?q=%22%3Cx%3E%60%7B%7C%7D%5E")]
    [InlineData("https://app.example/käse/🧀?q=é#ü", "https://app.example", "https://app.example/k%C3%A4se/%F0%9F%A7%80?q=%C3%A9#%C3%BC")]
    [InlineData("https://app.example//evil.example/x", "https://app.example", "https://app.example//evil.example/x")]
    [InlineData("https://app.example/../..//x", "https://app.example", "https://app.example/../..//x")]
    [InlineData("https://app.example/?next=https://evil.example/@x:y", "https://app.example",
        "https://app.example/?next=https://evil.example/@x:y")]
    [InlineData("https://xn--pple-43d.com/", "https://xn--pple-43d.com", "https://xn--pple-43d.com/")]
    [InlineData("https://my_app.example/", "https://my_app.example", "https://my_app.example/")]
    [InlineData("https://192.0.2.7/", "https://192.0.2.7", "https://192.0.2.7/")]
    [InlineData("http://localhost", "http://localhost", "http://localhost/")]
    [InlineData("http://LocalHost:3000/x", "http://localhost:3000", "http://localhost:3000/x")]
    [InlineData("http://localhost:80/", "http://localhost", "http://localhost/")]
    [InlineData("http://127.0.0.1:5500/index.html", "http://127.0.0.1:5500", "http://127.0.0.1:5500/index.html")]
    [InlineData("http://[::1]:8080/", "http://[::1]:8080", "http://[::1]:8080/")]
    [InlineData("https://localhost/", "https://localhost", "https://localhost/")]
    public void Address_has_one_spelling_and_an_origin_that_shows_where_it_leads(string text, string origin, string spelling)
    {
        var address = RedirectAddress.Read(text, None, out var problem);

        Assert.Equal("", problem);
        Assert.Equal((origin, spelling), (address!.Origin.Text, address.Text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" https://app.example")]
    [InlineData("/page")]
    [InlineData("//evil.example/page")]
    [InlineData("app.example")]
    [InlineData("https:")]
    [InlineData("https:/app.example")]
    [InlineData("https:app.example")]
    [InlineData("https://")]
    [InlineData("https:///app.example")]
    [InlineData("https://?x")]
    [InlineData("https://:443/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript://app.example/%0aalert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("blob:https://app.example/1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://app.example/")]
    [InlineData("ws://localhost/")]
    [InlineData("myapp://callback")]
    [InlineData("view-source:https://app.example")]
    [InlineData("http://app.example/")]
    [InlineData("http://192.168.0.7/")]
    [InlineData("http://localhost.evil.example/")]
    [InlineData("http://evil.localhost/")]
    [InlineData("http://127.0.0.1.evil.example/")]
    [InlineData("http://127.0.0.2/")]
    [InlineData("http://[::2]/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("https://[2001:db8::1]/")]
    [InlineData("https://[::ffff:1.2.3.4]/")]
    [InlineData("https://[::1")]
    [InlineData("https://[::1]x/")]
    [InlineData("https://[/")]
    [InlineData("https://ann@app.example/")]
    [InlineData("https://app.example@evil.example/")]
    [InlineData("https://app.example:x@evil.example/")]
    [InlineData("https://@app.example/")]
    [InlineData("https://app.example%40evil.example/")]
    [InlineData("https://app.example\\@evil.example/")]
    [InlineData("https://app.example\\evil")]
    [InlineData("https://evil.example\\.app.example/")]
    [InlineData("https:\\\\app.example/")]
    [InlineData("https://app.example/\\evil")]
    [InlineData("https://app.example/\tx")]
    [InlineData("ht\ntps://app.example/")]
    [InlineData("https://app.ex\tample/")]
    [InlineData("https://app.example/\r\nSet-Cookie: x=y")]
    [InlineData("https://app.example/\0")]
    [InlineData("https://app.example/\u007f")]
    [InlineData("https://app.example/\u0085")]
    [InlineData("https://app.example/\ud83e")]
    [InlineData("https://app example/")]
    [InlineData("https://app.example /")]
    [InlineData("https://аpple.com/")]
    [InlineData("https://ａpp.example/")]
    [InlineData("https://app。example/")]
    [InlineData("https://app\u00adname.example/")]
    [InlineData("https://app\u200b.example/")]
    [InlineData("https://faß.example/")]
    [InlineData("https://evil.example⁄app.example/")]
    [InlineData("https://app.example./")]
    [InlineData("https://.app.example/")]
    [InlineData("https://app..example/")]
    [InlineData("https://app%2eexample/")]
    [InlineData("https://*.example/")]
    [InlineData("https://a,b/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.0.0.01/")]
    [InlineData("https://1.2.3.256/")]
    [InlineData("https://1.2.3.4.5/")]
    [InlineData("https://app.example.1/")]
    [InlineData("https://app.example:/")]
    [InlineData("https://app.example:0/")]
    [InlineData("https://app.example:65536/")]
    [InlineData("https://app.example:-1/")]
    [InlineData("https://app.example:+80/")]
    [InlineData("https://app.example: 80/")]
    [InlineData("https://app.example:８０/")]
    [InlineData("https://app.example:443:443/")]
    [InlineData("https://app.example:99999999999/")]
    public void Nobody_is_sent_to(string? text)
    {
        Assert.Null(RedirectAddress.Read(text, None, out var problem));
        Assert.NotEqual("", problem);
    }

    [Fact]
    public void Endless_addresses_and_hosts_are_refused()
    {
        Assert.NotNull(RedirectAddress.Read("https://a.example/".PadRight(RedirectAddress.MaxLength, 'x'), None, out _));
        Assert.Null(RedirectAddress.Read("https://a.example/".PadRight(RedirectAddress.MaxLength + 1, 'x'), None, out _));
        Assert.Null(RedirectAddress.Read($"https://{new string('a', 64)}.example", None, out _));
        Assert.Null(RedirectAddress.Read($"https://{string.Join('.', Enumerable.Repeat("abcdefghi", 26))}", None, out _));
    }

    [Fact]
    public void Gateways_own_origin_may_be_without_tls()
    {
        Assert.NotNull(RedirectAddress.Read("http://School.local:80/playground", new HashSet<string> { "http://school.local" }, out _));
        Assert.Null(RedirectAddress.Read("http://school.local:8080/", new HashSet<string> { "http://school.local" }, out _));
    }

    [Theory]
    [InlineData("https://a.example", false, "https://a.example/?t=x%26y%3D%23z&s=%C3%A9")]
    [InlineData("https://a.example/p?q=1#f", false, "https://a.example/p?q=1&t=x%26y%3D%23z&s=%C3%A9#f")]
    [InlineData("https://a.example/p?t=old&q=1&s=&t&gone=1", false, "https://a.example/p?q=1&t=x%26y%3D%23z&s=%C3%A9")]
    [InlineData("https://a.example/p?%74=old&+t=kept&T=kept", false, "https://a.example/p?+t=kept&T=kept&t=x%26y%3D%23z&s=%C3%A9")]
    [InlineData("https://a.example/p?q=1#t=old&f=2", false, "https://a.example/p?q=1&t=x%26y%3D%23z&s=%C3%A9#f=2")]
    [InlineData("https://a.example/p?t=old", true, "https://a.example/p#t=x%26y%3D%23z&s=%C3%A9")]
    [InlineData("https://a.example/p?q=1#/route?x", true, "https://a.example/p?q=1#/route?x&t=x%26y%3D%23z&s=%C3%A9")]
    [InlineData("https://a.example/#s=old&f", true, "https://a.example/#f&t=x%26y%3D%23z&s=%C3%A9")]
    public void Answer_takes_the_place_of_what_had_its_names(string text, bool inFragment, string location) =>
        Assert.Equal(location, RedirectAddress.Read(text, None, out _)!.With([("t", "x&y=#z"), ("s", "é")], inFragment, "gone"));

    /// <summary>.NET's own reading of an address stands in for a browser's: both must go where the person was told.</summary>
    [Fact]
    public void Whatever_is_taken_leads_to_the_origin_that_is_shown_and_stays_as_it_is()
    {
        var piece = Gen.Elements(
            "https://", "http://", "HTTPS:", "//", "/", "\\", "@", ":", "443", ":80", "?", "#", "%", "%2f", "%0a", "[::1]", "localhost",
            "127.0.0.1", "127.1", "app.example", "evil.example", "xn--a", "аpp", ".", "。", "\t", " ", "&t=1", "é", "🧀", "\ud83e", "a",
                "0x1", "javascript:");
        var texts = Gen.OneOf(
            piece.ArrayOf(7).Select(pieces => string.Concat(pieces)), piece.ArrayOf(6)
            .Select(pieces => "https://app.example" + string.Concat(pieces)));
        var taken = 0;
        Fresh.Check(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (RedirectAddress.Read(text, None, out _) is not { } address) return true;
            taken++;
            var location = new Uri(address.With([("t", "x")], inFragment: false));
            var shown = new Uri(address.Origin.Text);
            return (shown.Scheme, shown.Host, shown.Port) == (location.Scheme, location.Host, location.Port)
                && location.UserInfo.Length == 0
                && address.Text.All(char.IsAscii) && shown.GetLeftPart(UriPartial.Authority) == address.Origin.Text
                && RedirectAddress.Read(address.Text, None, out _) == address;
        }), () => taken > 200, () => $"{taken} were addresses");
    }
}
