using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The fields of a budget.</summary>
public sealed class BudgetForm
{
    /// <summary>USD. Empty at first, because zero blocks every person with this budget.</summary>
    [Required(ErrorMessage = "Enter an amount. $0 blocks all calls that cost money."), UsdRange]
    public decimal? Limit { get; set; }

    /// <summary><c>null</c> = per calendar month.</summary>
    [DaysRange(3660)]
    public int? Days { get; set; }

    public string? Note { get; set; }

    /// <summary>The value of the setting.</summary>
    /// <param name="before">The current value; its limits on models, providers and apps are kept.</param>
    public JsonElement ToJson(JsonElement? before = null)
    {
        var value = before is { ValueKind: JsonValueKind.Object } old ? JsonObject.Create(old)! : [];
        foreach (var field in (string[])[nameof(Limit), nameof(Days), "Period"]) value.Remove(field);
        value[nameof(Limit)] = Limit;
        if (Days is { } days) value[nameof(Days)] = days;
        else value["Period"] = "month";
        return JsonSerializer.SerializeToElement(value);
    }
}
