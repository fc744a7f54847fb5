using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using AiPipe.Proxy.Providers.Demo;
using AiPipe.Tests.Support;
using OpenAI;
using OpenAI.Chat;

namespace AiPipe.Tests.Providers;

public sealed class DemoProviderTests : IDisposable
{
    private readonly HttpClient _http = new(new DemoProvider(new HurriedTime())) { BaseAddress = new Uri("http://demo.invalid") };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_official_client_gets_an_answer()
    {
        var answer = (await Client().GetChatClient("demo").CompleteChatAsync([new UserChatMessage("Good morning")],
            cancellationToken: TestContext.Current.CancellationToken)).Value;
        Assert.Contains("demo", answer.Content[0].Text, StringComparison.Ordinal);
        Assert.Contains("“Good morning”", answer.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal((ChatFinishReason.Stop, 6), (answer.FinishReason, answer.Usage.InputTokenCount));
        Assert.True(answer.Usage.OutputTokenCount > 20);
    }

    [Fact]
    public async Task The_official_client_gets_a_stream_that_says_the_same()
    {
        var whole = (await Client().GetChatClient("demo").CompleteChatAsync([new UserChatMessage("x")],
            cancellationToken: TestContext.Current.CancellationToken)).Value;
        var text = new StringBuilder();
        var events = 0;
        ChatTokenUsage? usage = null;
        await foreach (var update in Client().GetChatClient("demo").CompleteChatStreamingAsync([new UserChatMessage("x")],
                           cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (var part in update.ContentUpdate) text.Append(part.Text);
            if (update.ContentUpdate.Count > 0) events++;
            usage = update.Usage ?? usage;
        }
        Assert.Equal(whole.Content[0].Text, text.ToString());
        Assert.Equal((whole.Usage.OutputTokenCount, whole.Usage.InputTokenCount), (usage!.OutputTokenCount, usage.InputTokenCount));
        Assert.Equal(whole.Usage.OutputTokenCount, events);
    }

    [Fact]
    public async Task The_official_client_gets_unit_vectors_that_are_close_where_words_are_shared()
    {
        var vectors = (await Client().GetEmbeddingClient("demo-embed")
            .GenerateEmbeddingsAsync(["the red apple", "a red apple", "monetary policy"],
            cancellationToken: TestContext.Current.CancellationToken)).Value.Select(embedding => embedding.ToFloats().ToArray()).ToList();
        Assert.All(vectors, vector => Assert.Equal(1, Dot(vector, vector), 4));
        Assert.True(Dot(vectors[0], vectors[1]) > Dot(vectors[0], vectors[2]) + 0.2f);
    }

    [Fact]
    public async Task Both_encodings_of_a_vector_are_the_same_vector()
    {
        var floats = await PostAsync("embeddings", """{"model":"demo-embed","input":"x","dimensions":8}""");
        var base64 = await PostAsync("embeddings", """{"model":"demo-embed","input":["x"],"dimensions":8,"encoding_format":"base64"}""");
        var numbers = (await floats.JsonAsync()).GetProperty("data")[0].GetProperty("embedding").EnumerateArray()
            .Select(number => number.GetSingle()).ToArray();
        var bytes = (await base64.JsonAsync()).GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(numbers, Enumerable.Range(0, 8).Select(i => BitConverter.ToSingle(bytes, i * 4)));
    }

    [Theory]
    [InlineData("chat/completions", """{"model":"demo","max_tokens":3,"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("chat/completions", """{"model":"demo","max_tokens":9,"max_completion_tokens":3,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""")]
    [InlineData("completions", """{"model":"demo-mini","max_tokens":3,"prompt":"x"}""")]
    [InlineData("responses", """{"model":"demo","max_output_tokens":3,"input":"x"}""")]
    [InlineData("responses", """{"model":"demo","max_output_tokens":3,"input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}""")]
    public async Task Limits_are_kept_and_told(string path, string body)
    {
        var json = await (await PostAsync(path, body)).JsonAsync();
        var usage = json.GetProperty("usage");
        if (path == "responses")
        {
            Assert.Equal((3, 4), (usage.GetProperty("output_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32()));
            Assert.Equal("max_output_tokens", json.GetProperty("incomplete_details").GetProperty("reason").GetString());
            return;
        }
        Assert.Equal((3, 4), (usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32()));
        Assert.Equal("length", json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Instructions_are_read_but_not_taken_for_the_question()
    {
        var json = await (await PostAsync("responses", """{"model":"demo","instructions":"secret","input":"x"}""")).JsonAsync();
        Assert.Equal(9, json.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.DoesNotContain("secret", json.GetProperty("output").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_a_response_has_the_events_in_order()
    {
        var text = await (await PostAsync("responses", """{"model":"demo","stream":true,"max_output_tokens":2,"input":"x"}"""))
            .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta",
                "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done",
                    "response.incomplete"],
            text.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..]));
    }

    [Theory]
    [InlineData("chat/completions", """{"model":"demo","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}""", true)]
    [InlineData("chat/completions", """{"model":"demo","stream":true,"messages":[{"role":"user","content":"x"}]}""", false)]
    [InlineData("completions", """{"model":"demo","stream":true,"stream_options":{"include_usage":true},"prompt":["x","y"]}""", true)]
    public async Task Streams_report_usage_where_they_are_asked_to(string path, string body, bool reports)
    {
        var response = await PostAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.Equal(reports, events[^2].Contains("\"choices\":[],\"usage\":{", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("chat/completions", "{", 400)]
    [InlineData("chat/completions", "[]", 400)]
    [InlineData("chat/completions", """{"model":7}""", 400)]
    [InlineData("chat/completions", """{"model":"demo"}""", 400)]
    [InlineData("chat/completions", """{"model":"demo","messages":[1]}""", 400)]
    [InlineData("chat/completions", """{"model":"demo","messages":[{"role":"user","content":"\ud800"}]}""", 400)]
    [InlineData("chat/completions", """{"model":"demo","n":9,"messages":[{"role":"user","content":"x"}]}""", 400)]
    [InlineData("chat/completions", """{"model":"demo","stream_options":1,"messages":[{}]}""", 400)]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""", 404)]
    [InlineData("chat/completions", """{"model":"demo-embed","messages":[{"role":"user","content":"x"}]}""", 404)]
    [InlineData("completions", """{"model":"demo","prompt":[]}""", 400)]
    [InlineData("responses", """{"model":"demo","input":""}""", 200)]
    [InlineData("responses", """{"model":"demo"}""", 400)]
    [InlineData("embeddings", """{"model":"demo-embed","input":[]}""", 400)]
    [InlineData("embeddings", """{"model":"demo-embed","input":"x","dimensions":0}""", 400)]
    [InlineData("embeddings", """{"model":"demo-embed","input":"x","encoding_format":"hex"}""", 400)]
    [InlineData("files", "{}", 404)]
    public async Task Errors_have_the_shape_that_clients_read(string path, string body, int status)
    {
        var response = await PostAsync(path, body);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        if (status != 200) Assert.NotEmpty((await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("chat/completions", """{"model":"demo","response_format":{"type":"json_object"},"messages":[{"role":"user","content":"x"}]}""",
        """{"answer":"x"}""")]
    [InlineData("chat/completions", """{"model":"demo","response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"name":{"type":"string"},"ages":{"type":"array","items":{"type":"integer","minimum":3}},"kind":{"enum":["a","b"]},"ok":{"type":"boolean"}}}}},"messages":[{"role":"user","content":"x"}]}""",
        """{"name":"x","ages":[3],"kind":"a","ok":true}""")]
    [InlineData("chat/completions", """{"model":"demo","response_format":{"type":"json_schema","json_schema":{"schema":{"$defs":{"p":{"type":"object","properties":{"d":{"type":"string","format":"date"},"n":{"anyOf":[{"type":"null"},{"type":"number"}]}}}},"$ref":"#/$defs/p"}}},"messages":[{"role":"user","content":"x"}]}""",
        """{"d":"2026-01-31","n":null}""")]
    [InlineData("responses", """{"model":"demo","text":{"format":{"type":"json_object"}},"input":"x"}""", """{"answer":"x"}""")]
    [InlineData("responses", """{"model":"demo","text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object","properties":{"a":{"type":["null","number"]}}}}},"input":"x"}""",
        """{"a":1}""")]
    public async Task JSON_mode_is_followed(string path, string body, string text)
    {
        var json = await (await PostAsync(path, body)).JsonAsync();

        Assert.Equal(text, path == "responses"
            ? json.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()
            : json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task Schema_that_refers_to_itself_ends()
    {
        const string Tree = """{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#"}}}""";
        var json = await (await PostAsync("responses",
            $$$"""{"model":"demo","text":{"format":{"type":"json_schema","schema":{{{Tree}}}}},"input":"x"}""")).JsonAsync();
        Assert.InRange(json.GetRawText().Length, 100, 100_000);
    }

    [Theory]
    [InlineData("\"required\"", "weather")]
    [InlineData("""{"type":"function","function":{"name":"time"}}""", "time")]
    [InlineData("\"auto\"", null)]
    [InlineData("\"none\"", null)]
    public async Task Required_tool_is_called(string choice, string? name)
    {
        const string Tools = """
            [{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
            {"type":"function","function":{"name":"time"}}]
            """;
        foreach (var stream in (string[])["false", "true"])
        {
            var response = await PostAsync("chat/completions",
                $$"""{"model":"demo","stream":{{stream}},"tool_choice":{{choice}},"tools":{{Tools}},"messages":[{"role":"user","content":"Oslo"}]}""");
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(name is not null, text.Contains($"\"name\":\"{name}\"", StringComparison.Ordinal) && name is not null);
            Assert.Contains(name is null ? "\"finish_reason\":\"stop\"" : "\"finish_reason\":\"tool_calls\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_official_client_reads_a_tool_call()
    {
        var options = new ChatCompletionOptions { ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        options.Tools.Add(ChatTool.CreateFunctionTool("weather", functionParameters:
            BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}""")));
        var answer = (await Client().GetChatClient("demo").CompleteChatAsync([new UserChatMessage("Oslo")], options,
            TestContext.Current.CancellationToken)).Value;

        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        var call = Assert.Single(answer.ToolCalls);
        Assert.Equal(("weather", """{"city":"Oslo"}"""), (call.FunctionName, call.FunctionArguments.ToString()));
    }

    [Fact]
    public async Task Responses_call_a_required_function()
    {
        const string Request = """
            {"model":"demo","tool_choice":"required","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}],"input":"x"}
            """;
        var item = (await (await PostAsync("responses", Request)).JsonAsync()).GetProperty("output")[0];
        Assert.Equal(("function_call", "f", """{"n":1}"""), (item.GetProperty("type").GetString(), item.GetProperty("name").GetString(),
            item.GetProperty("arguments").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("responses",
            Request.Replace("\"name\":\"f\"", "\"name\":null", StringComparison.Ordinal))).StatusCode);
    }

    [Theory]
    [InlineData("chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]", 2, 2)]
    [InlineData("chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]", 8, 8)]
    [InlineData("completions", "\"prompt\":\"x\"", 2, 2)]
    [InlineData("completions", "\"prompt\":[\"x\",\"y\"]", 3, 6)]
    public async Task Choices_are_counted(string path, string input, int n, int choices)
    {
        var one = (await (await PostAsync(path, $$"""{"model":"demo","max_tokens":5,{{input}}}""")).JsonAsync()).GetProperty("usage");
        var json = await (await PostAsync(path, $$"""{"model":"demo","n":{{n}},"max_tokens":5,{{input}}}""")).JsonAsync();

        Assert.Equal(Enumerable.Range(0, choices),
            json.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(one.GetProperty("prompt_tokens").GetInt32(), json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(5 * choices, json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Models_are_listed()
    {
        var all = await (await _http.GetAsync("/v1/models", TestContext.Current.CancellationToken)).JsonAsync();
        Assert.Equal(["demo", "demo-mini", "demo-embed"], all.GetProperty("data").EnumerateArray()
            .Select(model => model.GetProperty("id").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/v1/models/demo", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/v1/models/gpt-4o", TestContext.Current.CancellationToken))
            .StatusCode);
    }

    private OpenAIClient Client() => new(new ApiKeyCredential("demo"), new OpenAIClientOptions
    {
        Endpoint = new Uri("http://demo.invalid/v1"),
        Transport = new HttpClientPipelineTransport(_http),
    });

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _http.PostAsync("/v1/" + path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
