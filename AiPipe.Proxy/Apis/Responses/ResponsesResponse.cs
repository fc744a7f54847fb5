using AiPipe.Proxy.Apis.OpenAi;
using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Responses;

/// <summary>OpenAI Responses: the response object, or events, some of which contain the whole response so far.</summary>
internal sealed class ResponsesResponse() : OpenAiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        .. UsagePlaces.In(),
        ("delta", Field.Text),
        ("response", Field.Response),
        // Only outside of events, where the deltas were already counted.
        ("output[].content[].text", Field.Text),
        ("output[].content[].refusal", Field.Text),
        ("output[].arguments", Field.Text),
        .. JsonPaths.Under(["", "response."],
            ("id", Field.Id),
            ("model", Field.Model),
            ("status", Field.Status),
            ("service_tier", Field.ServiceTier),
            ("output[]", Field.OutputItem),
            ("output[].type", Field.ItemType),
            ("output[].action.type", Field.ItemAction)),
    ]);

    private bool _endsHere;
    private bool _itemSearches;
    private bool _itemOnlyReads;
    private long _searches;

    protected override TokenUsage Normalise(TokenUsage usage) =>
        usage with { WebSearches = Math.Max(_searches, usage.WebSearches ?? 0) };

    public override void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Type)
        {
            _endsHere |= IsEnd(content);
            SawError |= content.SequenceEqual("response.failed"u8);
            base.String(field, content);
        }
        else if (field == Field.ItemType) _itemSearches = content.SequenceEqual("web_search_call"u8);
        else if (field == Field.ItemAction) _itemOnlyReads = content.SequenceEqual("open_page"u8)
            || content.SequenceEqual("find_in_page"u8);
        else if (field != Field.Status) base.String(field, content);
        else if (!IsUnderWay(content))
        {
            SawError |= content.SequenceEqual("failed"u8);
            base.String(Field.FinishReason, content);
        }
    }

    public override void Opened(Field field)
    {
        if (field == Field.Response) _searches = 0;
        if (field == Field.OutputItem) (_itemSearches, _itemOnlyReads) = (false, false);
        base.Opened(field);
    }

    public override void Closed(Field field)
    {
        // https://platform.openai.com/docs/guides/tools-web-search: searches are billed; opening a page and finding text in it are free.
        if (field == Field.OutputItem && _itemSearches && !_itemOnlyReads) _searches++;
        base.Closed(field);
    }

    public override void EventEnded()
    {
        SawEnd |= _endsHere;
        _endsHere = false;
        base.EventEnded();
    }

    private static bool IsEnd(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("response.completed"u8) || type.SequenceEqual("response.incomplete"u8)
            || type.SequenceEqual("response.failed"u8);

    private static bool IsUnderWay(ReadOnlySpan<byte> status) =>
        status.SequenceEqual("in_progress"u8) || status.SequenceEqual("queued"u8);
}
