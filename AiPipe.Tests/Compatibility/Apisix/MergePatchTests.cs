using System.Text.Json.Nodes;
using AiPipe.Proxy.Compatibility.Apisix;

namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>The examples of https://www.rfc-editor.org/rfc/rfc7396#appendix-A that are objects.</summary>
public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"a":"foo"}""", """{"a":{"b":null,"c":1}}""", """{"a":{"c":1}}""")]
    public void Change_is_laid_in_as_the_page_says(string before, string change, string after)
    {
        var into = (JsonObject)JsonNode.Parse(before)!;
        MergePatch.Lay((JsonObject)JsonNode.Parse(change)!, into);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(after), into), into.ToJsonString());
    }
}
