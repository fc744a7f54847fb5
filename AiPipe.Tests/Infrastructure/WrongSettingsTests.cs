using System.Text;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Infrastructure;

/// <summary>A slip of the pen in the configuration stops the start with one line that begins with its key.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("""{"Budgets":"much"}""", "AiPipe:Budgets must be a group of budgets")]
    [InlineData("""{"Budget":{"*":{"Limit":1,"Days":7}}}""", "AiPipe:Budget is not known")]
    [InlineData("""{"Teams":"x"}""", "AiPipe:Teams must be a group of teams")]
    [InlineData("""{"Salts":"x"}""", "AiPipe:Salts must be a group")]
    [InlineData("""{"Salts":{"ann@example.com":""}}""", "AiPipe:Salts:ann@example.com must be a random text")]
    [InlineData("""{"Admins":"ann@example.com"}""", "AiPipe:Admins must be a list")]
    [InlineData("""{"Admins":["ann"]}""", "ADMIN_EMAILS or AiPipe:Admins has \"ann\"")]
    [InlineData("""{"AcceptOwnKeys":"maybe"}""", "AiPipe:AcceptOwnKeys must be true or false")]
    [InlineData("""{"Providers":{"openai":"sk-canary"}}""", "AiPipe:Providers:openai must be a group")]
    [InlineData("""{"Providers":{"openai":{"Key":"sk-canary"}}}""", "AiPipe:Providers:openai:Key is not known")]
    [InlineData("""{"Providers":{"openai":{"Keys":"sk-canary"}}}""", "AiPipe:Providers:openai:Keys must be a list")]
    [InlineData("""{"Providers":{"openai":{"Keys":[""]}}}""", "AiPipe:Providers:openai:Keys:0 is empty")]
    [InlineData("""{"Providers":{"openai":{"Keys":["sk-can ary"]}}}""", "AiPipe:Providers:openai:Keys has a space")]
    [InlineData("""{"Providers":{"mine":{"BaseUrl":"https://x.example/?key=canary"}}}""", "AiPipe:Providers:mine:BaseUrl is not")]
    [InlineData("""{"Providers":{"usage":{"BaseUrl":"https://x.example"}}}""", "AiPipe:Providers:usage has the name of one of our own paths")]
    [InlineData("""{"Providers":{"a/b":{"BaseUrl":"https://x.example"}}}""", "AiPipe:Providers:a/b has a name")]
    [InlineData("""{"Access":"all"}""", "AiPipe:Access must be a group of rules")]
    [InlineData("""{"Access":{"example.com":{"Streaming":false}}}""", "AiPipe:Access:example.com is not a person")]
    [InlineData("""{"Access":{"*":"none"}}""", "AiPipe:Access:* must be a rule")]
    [InlineData("""{"Access":{"*":{"Model":["gpt-4o"]}}}""", "AiPipe:Access:*:Model is not known")]
    [InlineData("""{"Access":{"*":{"Models":[]}}}""", "AiPipe:Access:*:Models is empty")]
    [InlineData("""{"Access":{"*":{"Models":["gpt-*-mini"]}}}""", "AiPipe:Access:*:Models has \"gpt-*-mini\"")]
    [InlineData("""{"Access":{"*":{"Endpoints":["/openai/v1/models"]}}}""", "AiPipe:Access:*:Endpoints has \"/openai/v1/models\"")]
    [InlineData("""{"Access":{"*":{"Endpoints":["GET /nowhere/v1/models"]}}}""", "AiPipe:Access:*:Endpoints has \"GET /nowhere/v1/models\"")]
    [InlineData("""{"Access":{"*":{"Streaming":"no"}}}""", "AiPipe:Access:*:Streaming must be true or false")]
    [InlineData("""{"Prices":"x"}""", "AiPipe:Prices must be a list")]
    [InlineData("""{"Prices":{"mine":"x"}}""", "AiPipe:Prices:mine must be a list")]
    [InlineData("""{"Prices":{"mine":{"m":{}}}}""", "AiPipe:Prices:mine:m has no prices")]
    [InlineData("""{"Logins":{"Domains":"example.com"}}""", "AiPipe:Logins:Domains must be a list")]
    [InlineData("""{"Logins":{"Domains":["@example.com"]}}""", "AiPipe:Logins:Domains has an entry")]
    [InlineData("""{"Logins":{"Origins":["aipipe.example.com"]}}""", "AiPipe:Logins:Origins has an entry")]
    [InlineData("""{"Providers":{"login":{"BaseUrl":"https://x.example"}}}""", "AiPipe:Providers:login has the name of one of our own paths")]
    [InlineData("""{"Logins":{"Google":"perhaps"}}""", "AiPipe:Logins:Google must be true or false")]
    [InlineData("""{"Forwarding":{"MaxBodyBytes":1}}""", "AiPipe:Forwarding:MaxBodyBytes must be from 1024 to 1073741824")]
    [InlineData("""{"Forwarding":{"ActivityTimeout":"10m"}}""", "AiPipe:Forwarding:ActivityTimeout must be a time")]
    [InlineData("""{"Forwarding":{"Timeout":"00:00:10"}}""", "AiPipe:Forwarding:Timeout is not known: use MaxBodyBytes")]
    [InlineData("""{"Ledger":{"MaxPending":0}}""", "AiPipe:Ledger:MaxPending must be from 1 to")]
    [InlineData("""{"Fetch":{"AllowedHosts":"intranet:80"}}""", "AiPipe:Fetch:AllowedHosts must be a list")]
    [InlineData("""{"Server":{"KnownProxies":"10.0.0.7"}}""", "AiPipe:Server:KnownProxies must be a list")]
    [InlineData("""{"Server":{"KnownProxies":["proxy.example.com"]}}""", "AiPipe:Server:KnownProxies has an entry")]
    [InlineData("""{"Fetch":{"PerMinute":"many"}}""", "AiPipe:Fetch:PerMinute must be a whole number")]
    public async Task Wrong_setting_stops_the_start_with_one_line(string section, string beginning)
    {
        var wrong = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => StartAsync($$"""{"AiPipe":{{section}}}"""));

        Assert.StartsWith(beginning, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
        Assert.DoesNotContain("canary", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_of_ours_in_place_of_a_providers_key_is_refused()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("OPENAI_API_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImEifQ.canary")]).Build();
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() => ProviderConfiguration.Read(configuration));

        Assert.StartsWith("OPENAI_API_KEY holds an AI Pipe token", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Section_beside_AiPipe_in_the_file_is_named()
    {
        File.WriteAllText(_file, """{"Budgets":{"*":{"Limit":1,"Days":7}}}""");
        var wrong = Assert.ThrowsAny<OptionsValidationException>(() =>
            WebApplication.CreateSlimBuilder(["--AIPIPE_CONFIG", _file]).AddAiPipeConfiguration());

        Assert.StartsWith("Budgets stands beside \"AiPipe\"", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task StartAsync(string json)
    {
        await using var app = Proxy.Program.Build([], builder =>
        {
            builder.AddLogLines(new LogLines());
            builder.Configuration.AddInMemoryCollection(
            [
                new("AIPIPE_SECRET", "a-secret-of-these-tests-0123456789"), new("urls", "http://127.0.0.1:0"),
                new("ConnectionStrings:aipipe", "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d"),
                    new("AIPIPE_DATA", Path.GetTempPath()),
            ]);
            builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
            builder.Configuration.GetSection("AiPipe").RefuseOthersThan(AiPipeConfiguration.Sections);
        });
        await app.StartAsync();
    }
}
