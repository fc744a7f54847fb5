using System.Net;
using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Security;

/// <summary>Ids of what the provider stores: with our key, only the caller's own pass.</summary>
public sealed class ReferenceTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Responses = "/openai/v1/responses";
    private const string App = "https://app.example";

    [Fact]
    public async Task Earlier_response_passes_for_its_own_person_app_and_key_only()
    {
        var id = $"resp_{Guid.NewGuid():N}";
        Answer(id);
        Assert.Null(await CallAsync("{\"model\":\"gpt-4o-mini\",\"input\":\"Hi\",\"max_output_tokens\":16}", Gateway.Token()));

        Assert.Null(await FollowAsync(id, Gateway.Token()));
        Assert.Equal("reference_not_yours", await FollowAsync(id, Gateway.Token("other@example.com")));
        Assert.Equal("reference_not_yours", await FollowAsync(id, AppToken(App)));
        Assert.Equal("reference_not_yours", await FollowAsync(id, await KeyAsync()));
        Assert.Equal("reference_not_yours", await FollowAsync("resp_unknown", Gateway.Token()));
    }

    [Fact]
    public async Task Response_of_an_app_passes_for_that_app_and_for_its_person()
    {
        var id = $"resp_{Guid.NewGuid():N}";
        Answer(id);
        Assert.Null(await CallAsync("{\"model\":\"gpt-4o-mini\",\"input\":\"Hi\",\"max_output_tokens\":16}", AppToken(App)));

        Assert.Null(await FollowAsync(id, AppToken(App)));
        Assert.Null(await FollowAsync(id, Gateway.Token()));
        Assert.Equal("reference_not_yours", await FollowAsync(id, AppToken("https://other.example")));
    }

    [Theory]
    [InlineData("""{"previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"previous\u005fresponse_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"conversation":{"id":"conv_1"}}""", "conversation")]
    [InlineData("""{"input":[{"type":"item_reference","id":"msg_1"}]}""", "input")]
    [InlineData("""{"input":[{"id":"msg_1"}]}""", "input")]
    [InlineData("""{"input":[{"type":"item_reference","id":"msg_1","type":"message"}]}""", "input")]
    [InlineData("""{"input":[{"type":"message","id":"msg_1","type":"item_reference"}]}""", "input")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"item_reference","id":"msg_1"}]}]}""", "input")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file","file_id":"file-1"}]}]}""", "file_id")]
    [InlineData("""{"input":[{"type":"image_generation_call","id":"ig_1"}]}""", "input")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}]}""", "file_id")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}""", "file_id")]
    [InlineData("""{"contents":[{"parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a"}}]}]}""", "fileUri")]
    [InlineData("""{"contents":[],"cachedContent":"cachedContents/a"}""", "cachedContent")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_text","text":"previous_response_id"}]}]}""", null)]
    [InlineData("""{"input":[{"type":"message","id":"msg_1","role":"assistant","content":[]}]}""", null)]
    [InlineData("""{"contents":[{"parts":[{"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}}]}]}""", null)]
    [InlineData("""{"metadata":{"file_id":"mine"},"tools":[{"parameters":{"default":{"file_id":"x"}}}],"previous_response_id":null}""", null)]
    public void References_are_found_wherever_they_stand(string body, string? field)
    {
        var found = StoredReferences.Read(System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(field, found.Count == 0 ? null : Assert.Single(found).Field);
    }

    [Theory]
    [InlineData("""{"input":[{"type":"item_reference","id":"msg_own","id":"msg_other"}]}""")]
    [InlineData("""{"conversation":{"id":"msg_own","id":"msg_other"}}""")]
    [InlineData("""{"previous_response_id":"msg_own","previous_response_id":"msg_other"}""")]
    public void Every_id_of_a_repeated_field_is_found(string body) => Assert.Equal(
        ["msg_own", "msg_other"], StoredReferences.Read(System.Text.Encoding.UTF8.GetBytes(body)).Select(static reference => reference.Id));

    [Theory]
    [InlineData("""{"model":"gpt-4o-mini","input":"Hi","conversation":"conv_1"}""")]
    [InlineData("""{"model":"gpt-4o-mini","input":[{"type":"item_reference","id":"msg_1"}]}""")]
    [InlineData("""{"model":"gpt-4o-mini","input":[{"role":"user","content":[{"type":"input_image","file_id":"file-1"}]}]}""")]
    public async Task What_no_call_has_stored_is_refused(string body)
    {
        Assert.Equal("reference_not_yours", await CallAsync(body, Gateway.Token()));
        Assert.Empty(Provider.Seen);
    }

    private void Answer(string id) => Provider.Answer = (http, _) => Answers.Json(
        http, $$$"""{"id":"{{{id}}}","object":"response","status":"completed","model":"gpt-4o-mini","output":[],"usage":{"input_tokens":10,"output_tokens":5}}""");

    private Task<string?> FollowAsync(string id, string token) => CallAsync(
        $$"""{"model":"gpt-4o-mini","input":"And?","max_output_tokens":16,"previous_response_id":"{{id}}"}""", token);

    private async Task<string?> CallAsync(string body, string token)
    {
        using var response = await Gateway.Http.SendAsync(Gateway.Post(Responses, body, token));
        return response.StatusCode == HttpStatusCode.OK ? null : await response.CodeAsync();
    }

    private string AppToken(string origin) => Gateway.Services.GetRequiredService<TokenIssuer>().Issue(
        Gateway.User, new AppAllowance(origin, 0.5m, 7), Guid.NewGuid(), DateTimeOffset.MaxValue.AddDays(-1));

    private async Task<string> KeyAsync()
    {
        using var response = await Gateway.SendAsync(HttpMethod.Post, "/keys", Gateway.Token(), new { name = "k" });
        return (await response.JsonAsync()).Text("key");
    }
}
