namespace AiPipe.Tests.Apis.RequestBody;

/// <summary>What the fields of OpenAI's APIs yield, and what they are refused for. Every body also has <c>"model":"m"</c>.</summary>
public sealed class CallBodyScannerTests
{
    [Theory]
    [InlineData(""" "messages":[] """, "")]
    [InlineData(""" "stream":true """, "streams")]
    [InlineData(""" "stream":false """, "")]
    [InlineData(""" "stream":null """, "")]
    [InlineData(""" "max_tokens":1 """, "limit 1")]
    [InlineData(""" "max_tokens":null """, "")]
    [InlineData(""" "max_tokens":9223372036854775807 """, "limit 9223372036854775807")]
    [InlineData(""" "max_completion_tokens":500 """, "limit 500")]
    [InlineData(""" "max_tokens":5,"max_completion_tokens":500 """, "limit 500")]
    [InlineData(""" "max_completion_tokens":500,"max_tokens":5 """, "limit 500")]
    [InlineData(""" "max_completion_tokens":null,"max_tokens":5 """, "limit 5")]
    [InlineData(""" "n":1 """, "")]
    [InlineData(""" "n":null """, "")]
    [InlineData(""" "n":128 """, "answers 128")]
    [InlineData(""" "service_tier":"priority" """, "tier priority")]
    [InlineData(""" "service_tier":null """, "")]
    [InlineData(""" "stream":true,"stream_options":{"include_usage":true} """, "streams")]
    [InlineData(""" "stream_options":null """, "")]
    [InlineData(""" "modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"} """, "audio")]
    [InlineData(""" "modalities":null """, "")]
    [InlineData(""" "web_search_options":{} """, "searches 1, elsewhere")]
    [InlineData(""" "web_search_options":null """, "")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"f"}}] """, "")]
    [InlineData(""" "models":null,"plugins":false,"preset":null """, "")]
    // Fields of other APIs, and of nobody
    [InlineData(""" "best_of":7,"max_output_tokens":9,"input":[[[]]],"prompt":["a","b"],"anything":{"model":"dear","n":9} """, "")]
    [InlineData(""" "metadata":{"stream":true,"max_tokens":"x"},"logit_bias":{"5":-100} """, "")]
    public void Chat_yields(string fields, string words) => Assert.Equal(words, Scanned.Fields("chat", fields).Words());

    [Theory]
    [InlineData(""" "prompt":"a" """, "")]
    [InlineData(""" "stream":true """, "streams")]
    [InlineData(""" "max_tokens":7 """, "limit 7")]
    [InlineData(""" "n":3 """, "answers 3")]
    [InlineData(""" "best_of":5 """, "answers 5")]
    [InlineData(""" "best_of":5,"n":3 """, "answers 5")]
    [InlineData(""" "prompt":[] """, "")]
    [InlineData(""" "prompt":["a"] """, "")]
    [InlineData(""" "prompt":["a","b","c"] """, "answers 3")]
    [InlineData(""" "prompt":["a","b","c"],"n":2 """, "answers 6")]
    [InlineData(""" "n":2,"best_of":4,"prompt":["a","b","c"] """, "answers 12")]
    // Numbers are tokens: a list of them is one prompt, a list of lists is many
    [InlineData(""" "prompt":[1,2,3] """, "")]
    [InlineData(""" "prompt":[[1,2,3],[4]] """, "answers 2")]
    public void Completions_yield(string fields, string words) => Assert.Equal(words, Scanned.Fields("completions", fields).Words());

    [Theory]
    [InlineData(""" "input":"hi" """, "")]
    [InlineData(""" "stream":true """, "streams")]
    [InlineData(""" "max_output_tokens":16 """, "limit 16")]
    [InlineData(""" "service_tier":"flex" """, "tier flex")]
    [InlineData(""" "max_tool_calls":3 """, "")]
    [InlineData(""" "tools":[{"type":"web_search"}] """, "searches 3, elsewhere")]
    [InlineData(""" "tools":[{"type":"web_search_preview"}],"max_tool_calls":3 """, "searches 3, elsewhere")]
    [InlineData(""" "max_tool_calls":25,"tools":[{"type":"web_search_preview_2025_03_11","search_context_size":"high"}] """, "searches 25, elsewhere")]
    [InlineData(""" "max_tool_calls":null,"tools":[{"type":"web_search"}] """, "searches 3, elsewhere")]
    [InlineData(""" "previous_response_id":"resp_1" """, "elsewhere")]
    [InlineData(""" "conversation":{"id":"conv_1"} """, "elsewhere")]
    [InlineData(""" "prompt":{"id":"pmpt_1"} """, "elsewhere")]
    [InlineData(""" "previous_response_id":null,"conversation":null,"prompt":null """, "")]
    [InlineData(""" "previous_response_id":"resp_1","prompt":{"id":"pmpt_1"} """, "elsewhere")]
    [InlineData(""" "background":false """, "")]
    public void Responses_yield(string fields, string words) => Assert.Equal(words, Scanned.Fields("responses", fields).Words());

    [Theory]
    [InlineData(""" "input":"hi" """, "")]
    [InlineData(""" "input":["a","b"] """, "")]
    [InlineData(""" "input":[[1,2],[3]],"dimensions":256,"encoding_format":"base64" """, "")]
    [InlineData(""" "stream":true,"max_tokens":5,"n":7 """, "")]
    public void Embeddings_yield(string fields, string words) => Assert.Equal(words, Scanned.Fields("embeddings", fields).Words());

    [Theory]
    [InlineData("chat", """ "stream":"true" """)]
    [InlineData("chat", """ "stream":1 """)]
    [InlineData("chat", """ "stream":[true] """)]
    [InlineData("chat", """ "max_tokens":0 """)]
    [InlineData("chat", """ "max_tokens":-0 """)]
    [InlineData("chat", """ "max_tokens":-5 """)]
    [InlineData("chat", """ "max_tokens":"5" """)]
    [InlineData("chat", """ "max_tokens":5.5 """)]
    // The number five hundred to one provider, something else or nothing to another
    [InlineData("chat", """ "max_tokens":5e2 """)]
    [InlineData("chat", """ "max_tokens":500.0 """)]
    [InlineData("chat", """ "max_tokens":1E400 """)]
    [InlineData("chat", """ "max_tokens":9223372036854775808 """)]
    [InlineData("chat", """ "max_tokens":99999999999999999999999999999999999999999999999999 """)]
    [InlineData("chat", """ "max_tokens":{} """)]
    [InlineData("chat", """ "max_completion_tokens":[5] """)]
    [InlineData("chat", """ "n":0 """)]
    [InlineData("chat", """ "n":129 """)]
    [InlineData("chat", """ "n":2.0 """)]
    [InlineData("chat", """ "n":1e2 """)]
    [InlineData("chat", """ "n":"2" """)]
    [InlineData("chat", """ "n":4294967297 """)]
    [InlineData("chat", """ "service_tier":7 """)]
    [InlineData("chat", """ "service_tier":["priority"] """)]
    [InlineData("chat", """ "stream_options":true """)]
    [InlineData("chat", """ "stream_options":[] """)]
    [InlineData("chat", """ "modalities":"audio" """)]
    [InlineData("chat", """ "tools":"web_search" """)]
    [InlineData("completions", """ "best_of":129 """)]
    [InlineData("completions", """ "best_of":-1 """)]
    [InlineData("responses", """ "max_output_tokens":1e3 """)]
    [InlineData("responses", """ "max_tool_calls":0 """)]
    [InlineData("responses", """ "max_tool_calls":2147483648 """)]
    public void Values_of_the_wrong_kind_are_refused(string api, string fields) =>
        Assert.Equal("invalid_request", Scanned.Fields(api, fields).Refusal?.Code);

    [Theory]
    [InlineData("chat", """ "models":["dear"] """)]
    [InlineData("chat", """ "plugins":[{"id":"web"}] """)]
    [InlineData("chat", """ "preset":"mine" """)]
    [InlineData("chat", """ "models":true """)]
    [InlineData("chat", """ "models":0 """)]
    [InlineData("completions", """ "models":["dear"] """)]
    [InlineData("completions", """ "plugins":{} """)]
    [InlineData("completions", """ "preset":"" """)]
    [InlineData("responses", """ "models":["dear"] """)]
    [InlineData("responses", """ "preset":"mine" """)]
    [InlineData("responses", """ "background":true """)]
    [InlineData("chat", """ "modalities":["text","image"] """)]
    [InlineData("chat", """ "tools":[{"type":"web_search"}] """)]
    public void What_would_cost_unseen_is_refused(string api, string fields) =>
        Assert.Equal("unsupported_field", Scanned.Fields(api, fields).Refusal?.Code);

    [Theory]
    [InlineData("""{"model":null}""", "invalid_request")]
    [InlineData("""{"model":5}""", "invalid_request")]
    [InlineData("""{"model":{"name":"m"}}""", "invalid_request")]
    [InlineData("""{"model":["m"]}""", "invalid_request")]
    [InlineData("""{"model":""}""", "model_missing")]
    [InlineData("""{"messages":[{"model":"m"}]}""", "model_missing")]
    [InlineData("""{}""", "model_missing")]
    [InlineData("""{"model":"m","model":"m"}""", "duplicate_field")]
    public void Model_is_named_once_and_as_a_text(string json, string code)
    {
        foreach (var api in (string[])["chat", "completions", "responses", "embeddings"])
            Assert.Equal(code, Scanned.Parse(api, json).Refusal?.Code);
    }

    [Fact]
    public void Name_of_a_model_may_have_200_bytes()
    {
        Assert.Equal(new string('m', 200), Scanned.Parse("chat", $$"""{"model":"{{new string('m', 200)}}"}""").Body!.Model);
        Assert.Equal("invalid_request", Scanned.Parse("chat", $$"""{"model":"{{new string('m', 201)}}"}""").Refusal?.Code);
    }

    [Theory]
    [InlineData("chat", "stream", "true")]
    [InlineData("chat", "stream_options", "null")]
    [InlineData("chat", "max_tokens", "5")]
    [InlineData("chat", "max_completion_tokens", "5")]
    [InlineData("chat", "n", "1")]
    [InlineData("chat", "service_tier", "\"flex\"")]
    [InlineData("chat", "messages", "[]")]
    [InlineData("chat", "tools", "[]")]
    [InlineData("chat", "modalities", "[]")]
    [InlineData("chat", "web_search_options", "null")]
    [InlineData("completions", "best_of", "1")]
    [InlineData("completions", "prompt", "\"a\"")]
    [InlineData("responses", "max_output_tokens", "5")]
    [InlineData("responses", "max_tool_calls", "5")]
    [InlineData("responses", "input", "\"a\"")]
    [InlineData("embeddings", "input", "\"a\"")]
    [InlineData("generate", "contents", "[]")]
    [InlineData("generate", "generationConfig", "{}")]
    [InlineData("generate", "model", "\"m\"")]
    public void A_field_that_stands_twice_is_refused_whatever_it_says(string api, string name, string value)
    {
        var escaped = string.Concat(name.Select((letter, index) => index == 1 ? $"\\u{(int)letter:x4}" : letter.ToString()));
        foreach (var second in (string[])[name, escaped])
        {
            var refusal = Scanned.Fields(api, $""" "{name}":{value},"between":[],"{second}":null """).Refusal;
            Assert.Equal("duplicate_field", refusal?.Code);
            Assert.Contains($"\"{name}\"", refusal!.Message, StringComparison.Ordinal);
        }
    }
}
