using System.Buffers.Text;
using System.Text.Json;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>
/// Where a request states OpenRouter's preferences among providers, and the highest price in them
/// (https://openrouter.ai/docs/features/provider-routing#max-price).
/// </summary>
/// <param name="Object">The preferences; <c>null</c> if the request has another value instead, such as <c>null</c>.</param>
/// <param name="Value">The whole value.</param>
/// <param name="MaxPrice">The value of <c>max_price</c>; <c>null</c> = none.</param>
internal sealed record ProviderPreferences(ObjectSpot? Object, ValueSpot Value, ValueSpot? MaxPrice)
{
    /// <summary>The highest input price that the caller accepts, in USD per million tokens; <c>null</c> = any.</summary>
    public decimal? Prompt { get; private set; }

    /// <summary>The highest output price that the caller accepts.</summary>
    public decimal? Completion { get; private set; }

    private static readonly RequestFields Fields = new([("max_price", RequestField.Model)]);

    public static Refusal? Read(ref Utf8JsonReader json, BodyLayout layout)
    {
        var (start, inside, isEmpty) = ((int)json.TokenStartIndex, (int)json.BytesConsumed, true);
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            layout.ProviderPreferences = new(Object: null, new ValueSpot(start, (int)json.BytesConsumed - start), MaxPrice: null);
            return null;
        }
        ValueSpot? price = null;
        var limits = new ProviderPreferences(Object: null, default, MaxPrice: null);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var field = Fields.Identify(ref json);
            json.Read();
            if (field == RequestField.Other)
            {
                json.Skip();
                continue;
            }
            if (price is not null || field == RequestField.Unmetered) return Refusal.DuplicateField("provider.max_price");
            var from = (int)json.TokenStartIndex;
            limits.ReadLimits(ref json);
            price = new ValueSpot(from, (int)json.BytesConsumed - from);
        }
        layout.ProviderPreferences = limits with
        {
            Object = new ObjectSpot(inside, isEmpty),
            Value = new ValueSpot(start, (int)json.BytesConsumed - start),
            MaxPrice = price,
        };
        return null;
    }

    private void ReadLimits(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (isPrompt, isCompletion) = (json.ValueTextEquals("prompt"u8), json.ValueTextEquals("completion"u8));
            json.Read();
            decimal? usd = json.TokenType switch
            {
                JsonTokenType.Number when json.TryGetDecimal(out var number) => number,
                JsonTokenType.String when Utf8Parser.TryParse(json.ValueSpan, out decimal text, out var length)
                    && length == json.ValueSpan.Length => text,
                _ => null,
            };
            if (usd >= 0 && isPrompt) Prompt = usd;
            if (usd >= 0 && isCompletion) Completion = usd;
            json.Skip();
        }
    }
}
