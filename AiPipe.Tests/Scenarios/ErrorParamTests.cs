using System.Net.Http.Headers;
using System.Text;
using AiPipe.Tests.Fixtures;

namespace AiPipe.Tests.Scenarios;

/// <summary>Errors name the field that they are about in <c>error.param</c>, as the request writes it.</summary>
public sealed class ErrorParamTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Admin = "admin@example.com";

    [Theory]
    [InlineData("POST /keys", """{"name":""}""", "name")]
    [InlineData("POST /keys", """{"name":"k","limit":-1}""", "limit")]
    [InlineData("POST /keys", """{"name":"k","limit":1,"days":0}""", "days")]
    [InlineData("POST /keys", """{"name":"k","limit":1,"period":"week"}""", "period")]
    [InlineData("POST /keys", """{"name":"k","expires_in_days":0}""", "expires_in_days")]
    [InlineData("POST /keys", """{"name":"k","limit":"much"}""", "limit")]
    [InlineData("GET /admin/keys?email=%00", "", "email")]
    [InlineData("POST /admin/users/a%25b/key", "", "user")]
    [InlineData("POST /admin/users/janlay/key?days=x", "", "days")]
    [InlineData("POST /classes", """{"starts_on":"2026-01-01","ends_on":"2026-02-01","limit":1}""", "name")]
    [InlineData("POST /classes", """{"name":"c","ends_on":"2026-02-01","limit":1}""", "starts_on")]
    [InlineData("POST /classes", """{"name":"c","starts_on":"2026-01-01","ends_on":"2025-01-01","limit":1}""", "ends_on")]
    [InlineData("POST /classes", """{"name":"c","models":[1]}""", "models[0]")]
    [InlineData("POST /classes/join", """{"code":"AAAAAAAA"}""", "code")]
    [InlineData("POST /admin/people", """{"email":" "}""", "email")]
    [InlineData("POST /admin/people", """{"email":"bob@example.com","password":"short"}""", "password")]
    [InlineData("GET /admin/people?limit=0", "", "limit")]
    [InlineData("PUT /token/password", """{"new":"short"}""", "new")]
    [InlineData("POST /token", """{"password":"x"}""", "email")]
    [InlineData("POST /token", """{"email":"bob@example.com"}""", "password")]
    [InlineData("POST /grants", """{"redirect":"nowhere"}""", "redirect")]
    [InlineData("POST /grants", """{"redirect":"https://app.example/","limit":1000000}""", "limit")]
    [InlineData("POST /grants", """{"redirect":"https://app.example/","days":1000}""", "days")]
    [InlineData("POST /grants", """{"redirect":"https://app.example/","expires_in_days":1000}""", "expires_in_days")]
    [InlineData("GET /login/check?redirect=https://app.example/&response_mode=x", "", "response_mode")]
    [InlineData("POST /login/token", """{"grant_type":"password"}""", "grant_type")]
    [InlineData("POST /login/token", """{"grant_type":"authorization_code"}""", "code")]
    [InlineData("POST /admin/hosts", """{"host":"10.0.0.1","key":"k"}""", "host")]
    [InlineData("POST /admin/hosts", """{"host":"api.example.com","key":"two words"}""", "key")]
    [InlineData("POST /admin/cost", """{"email":"bob@example.com","date":"2026-01-01","cost":-1}""", "cost")]
    [InlineData("POST /admin/cost", """{"email":"bob@example.com","date":"1999-01-01","cost":1}""", "date")]
    [InlineData("GET /admin/token?email=%00", "", "email")]
    [InlineData("GET /admin/audit?before=x", "", "before")]
    [InlineData("GET /admin/prices?limit=x", "", "limit")]
    [InlineData("GET /usage?skip=x", "", "skip")]
    [InlineData("GET /usage/calls?outcome=x", "", "outcome")]
    [InlineData("GET /usage/spend?from=2020-01-01&to=2026-01-01", "", "from")]
    [InlineData("POST /similarity", """{"docs":[]}""", "docs")]
    [InlineData("POST /similarity", """{"docs":["a"],"precision":99}""", "precision")]
    [InlineData("POST /openai/v1/chat/completions", """{"messages":[]}""", "model")]
    [InlineData("POST /openai/v1/chat/completions", """{"model":"no-such-model","messages":[]}""", "model")]
    [InlineData("POST /openai/v1/chat/completions", """{"model":"gpt-4o-mini","max_tokens":-1,"messages":[]}""", "max_tokens")]
    public async Task An_error_about_a_field_names_it(string request, string body, string param) =>
        Assert.Equal(param, (await ErrorAsync(request, body)).Param);

    [Theory]
    [InlineData("""["Nonsense","x"]""", "{}", "path")]
    [InlineData("""["Aliases","two words"]""", """{"Provider":"openai","Model":"gpt-4o"}""", "path[1]")]
    [InlineData("""["Aliases","fast"]""", """{"Provider":"nobody","Model":"gpt-4o"}""", "value.Provider")]
    [InlineData("""["Aliases","fast"]""", """[{"Provider":"openai","Model":"gpt-4o"},{"Provider":"openai"}]""", "value[1].Model")]
    [InlineData("""["Routes","r"]""", """{"Path":"/r","Targets":[{"Provider":"openai"}]}""", "value.Targets[0].Model")]
    [InlineData("""["Budgets","ann@example.com"]""", """{"Limit":-1,"Days":1}""", "value.Limit")]
    [InlineData("""["Budgets","ann@example.com"]""", """{"Limit":1}""", "value")]
    [InlineData("""["Budgets","nobody"]""", """{"Limit":1,"Days":1}""", "path[1]")]
    [InlineData("""["Budgets","ann@example.com"]""", """{"Limit":1,"Days":1,"Models":{"gpt-4o":{"Limit":-1,"Days":1}}}""", "value.Models.gpt-4o.Limit")]
    [InlineData("""["Prices","openai","mine"]""", """{"Input":1}""", "value.Output")]
    [InlineData("""["Providers","mine"]""", """{"BaseUrl":"ftp://x"}""", "value.BaseUrl")]
    [InlineData("""["Providers","v1"]""", """{"BaseUrl":"https://x.example"}""", "path[1]")]
    [InlineData("""["Providers","openai"]""", """{"Keys":["sk-new","sk-…ours"]}""", "value.Keys[1]")]
    [InlineData("""["Providers","openai"]""", """{"Keys":[{"Id":"sec_000000000000"}]}""", "value.Keys[0]")]
    [InlineData("""["Routes","r"]""", """{"Path":"/r","Targets":[{"Provider":"openai","Model":"gpt-4o","Header":{"api-key":"…"}}]}""", "value.Targets[0].Header.api-key")]
    [InlineData("""["Salts","ann@example.com"]""", "\"…\"", "value")]
    [InlineData("""["Roles","ann@example.com"]""", "\"king\"", "value")]
    [InlineData("""["Roles","ann"]""", "\"teacher\"", "path[1]")]
    [InlineData("""["Teams","physics"]""", """{"Members":["nobody"]}""", "value.Members")]
    public async Task An_error_about_a_setting_names_the_part_of_the_change(string path, string value, string param) =>
        Assert.Equal(param, (await ErrorAsync("POST /admin/settings", $$"""{"path":{{path}},"value":{{value}}}""")).Param);

    [Theory]
    [InlineData("GET /nonsense", "")]
    [InlineData("POST /keys", "{")]
    [InlineData("POST /token", """{"email":"bob@example.com","password":"wrong-password"}""")]
    public async Task An_error_about_no_field_has_none(string request, string body) => Assert.Null((await ErrorAsync(request, body)).Param);

    private async Task<ErrorInfo> ErrorAsync(string request, string body)
    {
        var (method, path) = (request.Split(' ')[0], request.Split(' ')[1]);
        using var message = new HttpRequestMessage(new HttpMethod(method), path);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Gateway.Token(Admin));
        if (body.Length > 0) message.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Gateway.Http.SendAsync(message);
        var text = await response.Content.ReadAsStringAsync();
        var error = System.Text.Json.JsonSerializer.Deserialize(text, ContractJson.Default.ErrorResponse)!.Error;
        // Absent rather than null, as everything in this API that is not known.
        Assert.Equal(error.Param is not null, text.Contains("\"param\"", StringComparison.Ordinal));
        return error;
    }
}
