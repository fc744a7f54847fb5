using AiPipe.Proxy.Apis.ResponseBody;
using AiPipe.Proxy.Metering;
using AiPipe.Proxy.Metering.Scanning;

namespace AiPipe.Proxy.Apis.Gemini;

/// <summary>
/// Gemini's generated content: one object, server-sent events, or a JSON array of events. Every event repeats the report; omitted fields
/// keep their last value. A stream has no end event: it is complete when every candidate has a finish reason and the report has arrived.
/// </summary>
internal sealed class GeminiGenerateResponse() : ApiResponse(Places)
{
    private static readonly JsonPaths Places = JsonPaths.Create(
    [
        ("[]", Field.Event),
        .. JsonPaths.Under(["", "[]."],
            ("responseId", Field.Id),
            ("modelVersion", Field.Model),
            ("candidates[].index", Field.CandidateIndex),
            ("candidates[].finishReason", Field.FinishReason),
            ("candidates[].content.parts[].text", Field.Text),
            ("candidates[].content.parts[].functionCall.name", Field.Text),
            ("candidates[].content.parts[].executableCode.code", Field.Text),
            ("promptFeedback.blockReason", Field.BlockReason),
            ("usageMetadata", Field.Usage),
            ("usageMetadata.promptTokenCount", Field.Input),
            ("usageMetadata.toolUsePromptTokenCount", Field.ToolInput),
            ("usageMetadata.cachedContentTokenCount", Field.CacheRead),
            ("usageMetadata.candidatesTokenCount", Field.Output),
            ("usageMetadata.thoughtsTokenCount", Field.Reasoning),
            ("usageMetadata.totalTokenCount", Field.Total),
            ("usageMetadata.promptTokensDetails[]", Field.InputDetail),
            ("usageMetadata.promptTokensDetails[].modality", Field.Modality),
            ("usageMetadata.promptTokensDetails[].tokenCount", Field.ModalityTokens),
            ("usageMetadata.candidatesTokensDetails[]", Field.OutputDetail),
            ("usageMetadata.candidatesTokensDetails[].modality", Field.Modality),
            ("usageMetadata.candidatesTokensDetails[].tokenCount", Field.ModalityTokens)),
    ]);

    private bool _eventReports;
    private bool _blocked;
    private long _lastCandidate;
    private long _finished;
    private (bool IsAudio, bool IsImage, long? Tokens) _detail;

    protected override bool ReportsAddUp => true;

    protected override TokenUsage Normalise(Report report)
    {
        var input = Sum(report[Field.Input], report[Field.ToolInput]);
        return new()
        {
            Input = input,
            CacheRead = report[Field.CacheRead],
            InputAudio = report[Field.InputAudio],
            InputImage = report[Field.InputImage],
            // Gemini omits zeros: without output, only the total is present.
            Output = Sum(report[Field.Output], report[Field.Reasoning])
                ?? (report[Field.Total] - input is >= 0 and var rest ? rest : null),
            Reasoning = report[Field.Reasoning],
            OutputAudio = report[Field.OutputAudio],
            OutputImage = report[Field.OutputImage],
        };
    }

    public override void String(Field field, ReadOnlySpan<byte> content)
    {
        if (field == Field.Modality)
        {
            _detail.IsAudio = content.SequenceEqual("AUDIO"u8);
            _detail.IsImage = content.SequenceEqual("IMAGE"u8);
            return;
        }
        if (field == Field.FinishReason) _finished++;
        if (field == Field.BlockReason) _blocked = true;
        base.String(field == Field.BlockReason ? Field.FinishReason : field, content);
    }

    public override void Scalar(Field field, ReadOnlySpan<byte> json)
    {
        if (field == Field.CandidateIndex) _lastCandidate = Math.Max(_lastCandidate, Report.Count(json) ?? 0);
        else if (field == Field.ModalityTokens) _detail.Tokens = Report.Count(json);
        else base.Scalar(field, json);
    }

    public override void Opened(Field field)
    {
        if (field is Field.InputDetail or Field.OutputDetail) _detail = default;
        base.Opened(field);
    }

    public override void Closed(Field field)
    {
        if (field == Field.Usage) _eventReports = true;
        if (field == Field.InputDetail && _detail.IsAudio) Next.Set(Field.InputAudio, _detail.Tokens);
        if (field == Field.InputDetail && _detail.IsImage) Next.Set(Field.InputImage, _detail.Tokens);
        if (field == Field.OutputDetail && _detail.IsAudio) Next.Set(Field.OutputAudio, _detail.Tokens);
        if (field == Field.OutputDetail && _detail.IsImage) Next.Set(Field.OutputImage, _detail.Tokens);
        base.Closed(field);
    }

    public override void EventEnded()
    {
        SawEnd |= _eventReports && (_blocked || _finished > _lastCandidate);
        _eventReports = false;
        base.EventEnded();
    }

    private static long? Sum(long? one, long? other) => one is null ? other : one + (other ?? 0);
}
