namespace AiPipe.Proxy.Pricing;

/// <summary>
/// A variant at the end of a model's name, which chooses among providers or adds a search
/// (https://openrouter.ai/docs/features/model-routing#model-variants). <c>:free</c> is not one: such models are listed with their price.
/// </summary>
/// <param name="Model">The name without the variant.</param>
internal readonly record struct ModelVariant(string Model, string Name)
{
    /// <summary>USD for the five results that a search has at most by default: https://openrouter.ai/docs/features/web-search.</summary>
    private const decimal Search = 0.02m;

    /// <summary>True if the variant is never listed.</summary>
    public bool IsPricedAsModel => Name is "nitro" or "floor" or "exacto" or "online";

    /// <summary>Some models list this variant with a price of its own.</summary>
    public bool IsThinking => Name == "thinking";

    public static ModelVariant? Split(string model) => model.LastIndexOf(':') is > 0 and var colon
        ? new ModelVariant(model[..colon], model[(colon + 1)..]) : null;

    public PricedModel? Apply(PricedModel? model)
    {
        if (model is null) return null;
        model = model with { Family = model.Family ?? Model };
        return Name != "online" ? model : model with
        {
            Settle = WithSearch(model.Settle),
            Reserve = WithSearch(model.Reserve),
            IsStatedFree = false,
        };
    }

    private static Price WithSearch(Price price) => price with { WebSearch = Math.Max(price.WebSearch ?? Search, Search) };
}
