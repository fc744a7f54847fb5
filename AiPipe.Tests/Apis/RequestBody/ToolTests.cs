namespace AiPipe.Tests.Apis.RequestBody;

public sealed class ToolTests
{
    [Theory]
    [InlineData("chat", "null", "")]
    [InlineData("chat", "[]", "")]
    [InlineData("chat", """[{"type":"function","function":{"name":"f","parameters":{"type":"web_search"}}}]""", "")]
    [InlineData("chat", """[{"type":"custom","custom":{"name":"c"}},{"function":{},"type":"function"}]""", "")]
    [InlineData("responses", """[{"type":"local_shell"},{"type":"apply_patch"},{"type":"computer_use_preview","display_width":1}]""", "")]
    [InlineData("responses", """[{"type":"shell"},{"type":"shell","environment":{"type":"local","skills":[]}},{"environment":null,"type":"shell"}]""", "")]
    [InlineData("responses", """[{"type":"tool_search"},{"type":"tool_search","execution":"client","parameters":{"type":"object"}}]""", "")]
    [InlineData("responses", """[{"type":"namespace","name":"git","tools":[{"type":"function","name":"f","defer_loading":true},{"type":"custom"}]}]""", "")]
    [InlineData("responses", """[{"tools":[],"type":"namespace"},{"type":"namespace","tools":[{"type":"namespace","tools":null}]}]""", "")]
    [InlineData("responses", """[{"type":"namespace","tools":[{"type":"web_search"}]}]""", "searches 3, elsewhere")]
    [InlineData("responses", """[{"type":"function"},{"type":"web_search","filters":{"type":"x"}}]""", "searches 3, elsewhere")]
    [InlineData("responses", """[{"type":"web_search"},{"type":"web_search_preview"}]""", "searches 3, elsewhere")]
    [InlineData("generate", "null", "")]
    [InlineData("generate", "{}", "")]
    [InlineData("generate", "[{}]", "")]
    [InlineData("generate", """[{"functionDeclarations":[{"name":"googleSearch"}]}]""", "")]
    [InlineData("generate", """{"function_declarations":[]}""", "")]
    [InlineData("generate", """[{"codeExecution":{}},{"url_context":{}}]""", "elsewhere")]
    [InlineData("generate", """{"urlContext":{},"functionDeclarations":[]}""", "elsewhere")]
    [InlineData("generate", """[{"code_execution":null}]""", "elsewhere")]
    public void These_tools_pass(string api, string tools, string words)
    {
        Assert.Equal(words, Scanned.Fields(api, $"\"tools\":{tools}").Words());
        // What follows the tools is still read.
        Assert.Equal("unsupported_field", Scanned.Fields(api, $"\"tools\":{tools},\"{(api == "generate" ? "serviceTier" : "preset")}\":7")
            .Refusal?.Code);
    }

    [Theory]
    [InlineData("chat", """[{"type":"web_search"}]""")]
    [InlineData("chat", """[{"type":"function"},{"type":"code_interpreter"}]""")]
    [InlineData("chat", """[{"type":"Function"}]""")]
    [InlineData("chat", """[{"type":""}]""")]
    [InlineData("chat", """[{"type":null}]""")]
    [InlineData("chat", """[{"type":["function"]}]""")]
    [InlineData("chat", """[{"type":{"type":"function"}}]""")]
    [InlineData("chat", """[{"type":"function","type":"web_search"}]""")]
    [InlineData("chat", """[{"type":"web_search","type":"function"}]""")]
    [InlineData("chat", """[{"type":"openrouter:web_search"}]""")]
    [InlineData("chat", """[{"Type":"web_search"}]""", "duplicate_field")]
    [InlineData("chat", """[{"type":"function","TYPE":"web_search"}]""", "duplicate_field")]
    [InlineData("responses", """[{"typ\u0045":"mcp","type":"function"}]""", "duplicate_field")]
    [InlineData("responses", """[{"type":"file_search","vector_store_ids":[]}]""")]
    [InlineData("responses", """[{"type":"code_interpreter","container":{"type":"auto"}}]""")]
    [InlineData("responses", """[{"type":"image_generation"}]""")]
    [InlineData("responses", """[{"type":"mcp","server_url":"https://x"}]""")]
    [InlineData("responses", """[{"type":"shell","environment":{"type":"container_auto"}}]""")]
    [InlineData("responses", """[{"environment":{"type":"container_reference","id":"c"},"type":"shell"}]""")]
    [InlineData("responses", """[{"type":"shell","environment":{"type":"local","Type":"container_auto"}}]""")]
    [InlineData("responses", """[{"type":"shell","environment":{}}]""")]
    [InlineData("responses", """[{"type":"shell","environment":"container_auto"}]""")]
    [InlineData("responses", """[{"type":"shell","Environment":{"type":"container_auto"}}]""", "duplicate_field")]
    [InlineData("responses", """[{"type":"namespace","tools":[{"type":"function"},{"type":"mcp","server_url":"https://x"}]}]""")]
    [InlineData("responses", """[{"type":"namespace","tools":[{"type":"namespace","tools":[{"type":"code_interpreter"}]}]}]""")]
    [InlineData("responses", """[{"type":"functionDeclarationsX"}]""")]
    [InlineData("generate", """[{"googleSearch":{}}]""")]
    [InlineData("generate", """[{"google_search":null}]""")]
    [InlineData("generate", """[{"functionDeclarations":[],"googleSearchRetrieval":{}}]""")]
    [InlineData("generate", """{"functionDeclarations":[],"googleMaps":{}}""")]
    [InlineData("generate", """[{"computerUse":{}}]""")]
    [InlineData("generate", """[{"fileSearch":{}}]""")]
    [InlineData("generate", """[{"type":"function"}]""")]
    public void These_tools_are_not_metered(string api, string tools, string code = "unsupported_field") =>
        Assert.Equal(code, Scanned.Fields(api, $"\"tools\":{tools}").Refusal?.Code);

    [Theory]
    [InlineData("chat", "\"function\"")]
    [InlineData("chat", "true")]
    [InlineData("chat", "7")]
    [InlineData("chat", """{"type":"function"}""")]
    [InlineData("chat", """[[{"type":"web_search"}]]""")]
    [InlineData("chat", """["web_search"]""")]
    [InlineData("chat", """[null]""")]
    [InlineData("chat", """[{"type":"function"},null,{"type":"web_search"}]""")]
    [InlineData("responses", """{"type":"web_search"}""")]
    [InlineData("generate", "\"googleSearch\"")]
    [InlineData("generate", """[[{"googleSearch":{}}]]""")]
    [InlineData("generate", """["googleSearch"]""")]
    public void Tools_are_a_list_of_objects(string api, string tools) =>
        Assert.Equal("invalid_request", Scanned.Fields(api, $"\"tools\":{tools}").Refusal?.Code);
}
