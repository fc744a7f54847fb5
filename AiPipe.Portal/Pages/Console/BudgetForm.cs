using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiPipe.Portal.Pages.Console;

/// <summary>A budget's fields in a form.</summary>
public sealed class BudgetForm
{
    /// <summary>USD.</summary>
    [Range(typeof(decimal), "0", "9000000", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true, ErrorMessage = "Give an amount in US dollars, such as 0.5.")]
    public decimal Limit { get; set; }

    /// <summary>In so many UTC days; <c>null</c> = the calendar month.</summary>
    [Range(1, 3660, ErrorMessage = "Give a number of days, at least 1.")]
    public int? Days { get; set; }

    public string? Note { get; set; }

    /// <summary>As a setting's value.</summary>
    /// <param name="before">What stood there: its limits on parts of the budget stay.</param>
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
