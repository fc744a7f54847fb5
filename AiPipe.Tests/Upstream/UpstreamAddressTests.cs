using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Upstream;
using AiPipe.Tests.Apis.RequestBody;

namespace AiPipe.Tests.Upstream;

public sealed class UpstreamAddressTests
{
    [Theory]
    [InlineData("https://api.example", "/v1/models", "https://api.example/v1/models")]
    [InlineData("https://api.example/", "/v1/models", "https://api.example/v1/models")]
    [InlineData("https://api.example/api", "/v1/models", "https://api.example/api/v1/models")]
    [InlineData("https://api.example/api/", "/v1/models", "https://api.example/api/v1/models")]
    [InlineData("https://api.example/a%20b//", "/v1/models", "https://api.example/a%20b/v1/models")]
    [InlineData("http://127.0.0.1:8080/x", "/v1/models", "http://127.0.0.1:8080/x/v1/models")]
    [InlineData("http://[::1]:8080", "/v1/models", "http://[::1]:8080/v1/models")]
    [InlineData("https://API.example", "/v1/models", "https://api.example/v1/models")]
    [InlineData("https://api.example/api", "", "https://api.example/api")]
    [InlineData("https://api.example", "", "https://api.example/")]
    [InlineData("https://api.example", "/", "https://api.example/")]
    // What was decoded on the way in is encoded again; what was left encoded stays so
    [InlineData("https://api.example", "/models/a b:c", "https://api.example/models/a%20b:c")]
    [InlineData("https://api.example", "/files/a%2Fb", "https://api.example/files/a%2Fb")]
    [InlineData("https://api.example", "/files/世?#", "https://api.example/files/%E4%B8%96%3F%23")]
    [InlineData("https://api.example", "/files/a//b", "https://api.example/files/a//b")]
    public void The_path_goes_behind_the_base(string baseUrl, string path, string address) =>
        Assert.Equal(address, UpstreamAddress.Create(Calls.To(baseUrl: baseUrl, path: path)).AbsoluteUri);

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("///evil.example/x")]
    [InlineData("/\\evil.example/x")]
    [InlineData("/\\\\evil.example/x")]
    [InlineData("/@evil.example/x")]
    [InlineData("/:80@evil.example")]
    [InlineData("/https://evil.example/x")]
    [InlineData("/.evil.example")]
    [InlineData("/%2F%2Fevil.example")]
    [InlineData("/\t//evil.example")]
    [InlineData("/\r\nHost: evil.example")]
    [InlineData("/%0d%0aHost:%20evil.example")]
    [InlineData("/../..//evil.example")]
    [InlineData("/?@evil.example#")]
    public void No_path_leads_to_another_host(string path)
    {
        foreach (var baseUrl in (string[])["https://api.example", "https://api.example/", "https://api.example:8443/v1"])
        {
            var (address, home) = (UpstreamAddress.Create(Calls.To(baseUrl: baseUrl, path: path)), new Uri(baseUrl));
            Assert.Equal((home.Scheme, home.Authority, ""), (address.Scheme, address.Authority, address.UserInfo));
            Assert.DoesNotContain(address.PathAndQuery, letter => char.IsControl(letter) || letter is ' ' or '\\');
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("?limit=5&after=a%2Fb", "?limit=5&after=a%2Fb")]
    // Nothing to take out: as it came
    [InlineData("?a=%2f&b&c=&=d&a=+", "?a=%2f&b&c=&=d&a=+")]
    [InlineData("?keys=1&monkey=2&key[]=3", "?keys=1&monkey=2&key[]=3")]
    [InlineData("?key=sk-own", "")]
    [InlineData("?KEY=sk-own", "")]
    [InlineData("?Key=sk-own&limit=5", "?limit=5")]
    [InlineData("?limit=5&%6b%65%79=sk-own", "?limit=5")]
    [InlineData("?k%65y=sk-own&key=sk-own&limit=5&key=sk-own", "?limit=5")]
    [InlineData("?key", "")]
    [InlineData("?key=sk-own&after=a%2Fb%26c", "?after=a%2Fb%26c")]
    [InlineData("?key=sk-own&a=1&a=2", "?a=1&a=2")]
    public void With_a_key_of_ones_own_the_query_goes_along_without_it(string query, string passed)
    {
        Assert.Equal(passed, UpstreamAddress.Create(Calls.To(query: query, ownKey: Calls.OwnKey)).Query);
        Assert.Equal(passed, UpstreamAddress.Create(Calls.To(Dialect.Gemini, query: query, ownKey: Calls.OwnKey)).Query);
    }

    [Theory]
    [InlineData("?limit=5&after=a%2Fb", "?limit=5&after=a%2Fb")]
    [InlineData("?api-version=2026-01-01&key=T", "?api-version=2026-01-01")]
    [InlineData("?a=1&b&=c&limit=5", "?limit=5")]
    [InlineData("?limit=5&limit=6", "")]
    [InlineData("?api_key=x&access_token=y&user=ann&include[]=usage&stream=true&store=true", "")]
    [InlineData("?after=a%26key%3Dx", "?after=a%26key%3Dx")]
    public void With_our_key_OpenAi_gets_only_known_parameters(string query, string passed) =>
        Assert.Equal(passed, UpstreamAddress.Create(Calls.To(query: query)).Query);

    [Theory]
    [InlineData("?alt=sse", "?alt=sse")]
    [InlineData("?alt=json&key=T", "?alt=json")]
    [InlineData("?alt=SSE", "")]
    [InlineData("?alt=media", "")]
    [InlineData("?alt=sse&alt=media", "")]
    [InlineData("?$alt=media&%24fields=x&fields=x&prettyPrint=false&quotaUser=u&access_token=t&upload_protocol=raw", "")]
    [InlineData("?pageSize=5&pageToken=a%2Bb%26alt%3Dmedia", "?pageSize=5&pageToken=a%2Bb%26alt%3Dmedia")]
    [InlineData("?K%45Y=T", "")]
    public void With_our_key_Gemini_gets_only_what_leaves_the_report_in_the_answer(string query, string passed) =>
        Assert.Equal(passed, UpstreamAddress.Create(Calls.To(Dialect.Gemini, query: query)).Query);
}
