using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Routing.Models;

internal static class ModelContracts
{
    public static ModelInfo Create(Provider provider, string model, PricedModel priced) => new(
        model,
        provider.Name,
        $"/{provider.Name}{provider.Dialect.ClientPath}",
        provider.Dialect.Name,
        priced.Settle.IsFree,
        Modalities.In(model, priced.Settle),
        Modalities.Out(model, priced.Settle),
        priced.ContextTokens,
        priced.MaxOutputTokens,
        ToContract(priced.Settle));

    private static ModelPrice ToContract(Price price) => new()
    {
        Input = price.Input,
        Output = price.Output,
        CacheRead = price.CacheRead,
        CacheWrite = price.CacheWrite,
        AudioInput = price.AudioInput,
        AudioOutput = price.AudioOutput,
        ImageInput = price.ImageInput,
        ImageOutput = price.ImageOutput,
        WebSearch = price.WebSearch,
        Request = price.Request,
        Above = price.Above is { } above ? ToContract(above) : null,
        AboveInputTokens = price.AboveInputTokens,
    };
}
