namespace AiPipe.Tests.Apis.RequestBody;

public sealed class ModalitiesTests
{
    [Theory]
    [InlineData("null", "")]
    [InlineData("[]", "")]
    [InlineData("""["text"]""", "")]
    [InlineData("""["TEXT","text"]""", "")]
    [InlineData("""["audio"]""", "audio")]
    [InlineData("""["Text","AUDIO"]""", "audio")]
    [InlineData("""["\u0061udio"]""", "audio")]
    public void Text_and_sound_can_be_asked_for(string kinds, string words) => Everywhere(kinds, words, code: null);

    [Theory]
    [InlineData("""["image"]""", "unsupported_field")]
    [InlineData("""["text","audio","IMAGE"]""", "unsupported_field")]
    [InlineData("""["\u0049MAGE"]""", "unsupported_field")]
    [InlineData("""["MODALITY_UNSPECIFIED"]""", "unsupported_field")]
    [InlineData("""[""]""", "unsupported_field")]
    [InlineData("""["text "]""", "unsupported_field")]
    [InlineData("\"IMAGE\"", "invalid_request")]
    [InlineData("2", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("[2]", "invalid_request")]
    [InlineData("[null]", "invalid_request")]
    [InlineData("""[["IMAGE"]]""", "invalid_request")]
    [InlineData("""["text",{"kind":"IMAGE"}]""", "invalid_request")]
    public void What_is_not_metered_cannot(string kinds, string code) => Everywhere(kinds, words: null, code);

    private static void Everywhere(string kinds, string? words, string? code)
    {
        Scanned[] all =
        [
            Scanned.Fields("chat", $"\"modalities\":{kinds}"),
            Scanned.Fields("generate", $"\"generationConfig\":{{\"responseModalities\":{kinds}}}"),
            Scanned.Fields("generate", $"\"generation_config\":{{\"x\":1,\"response_modalities\":{kinds},\"y\":[]}}"),
        ];
        Assert.All(all, scanned => Assert.Equal((words, code), (scanned.Refusal is null ? scanned.Words() : null, scanned.Refusal?.Code)));
    }
}
