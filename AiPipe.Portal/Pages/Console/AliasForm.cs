using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The form of an alias with one model and an optional fallback.</summary>
public sealed class AliasForm
{
    private const string ModelMissing = "Enter the model's name at its provider.";

    [Required(ErrorMessage = "Enter a name.")]
    public string? Name { get; set; }

    [Required(ErrorMessage = "Choose the provider.")]
    public string? Provider { get; set; }

    [Required(ErrorMessage = ModelMissing)]
    public string? Model { get; set; }

    /// <summary><c>null</c> = no fallback.</summary>
    public string? SecondProvider { get; set; }

    public string? SecondModel { get; set; }

    public string? Note { get; set; }

    /// <summary>The version that the form shows; <c>null</c> = a new alias.</summary>
    public long? Version { get; set; }

    /// <summary><c>null</c> when the setting has more than the form has fields for.</summary>
    public static AliasForm? FromSetting(SettingInfo setting)
    {
        List<JsonElement> targets = setting.Value switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray()],
            { } single => [single],
        };
        if (targets.Count is 0 or > 2 || Plain(targets[0], lower: false) is not { } first) return null;
        var second = targets.Count == 2 ? Plain(targets[1], lower: true) : ("", "");
        return second is not { } other ? null : new AliasForm
        {
            Name = setting.Name,
            Version = setting.Version,
            Provider = first.Provider,
            Model = first.Model,
            SecondProvider = other.Provider,
            SecondModel = other.Model,
        };
    }

    /// <summary>The value of the setting.</summary>
    public JsonElement ToJson()
    {
        var first = Target(Provider, Model);
        if (string.IsNullOrEmpty(SecondProvider)) return JsonSerializer.SerializeToElement(first);
        var second = Target(SecondProvider, SecondModel);
        second["Priority"] = -1;
        return JsonSerializer.SerializeToElement(new JsonArray(first, second));
    }

    /// <summary>The field for a field of the API: <c>value[1].Model</c> is the fallback's model.</summary>
    public static string FieldOf(string param)
    {
        var isSecond = param.StartsWith("value[1]", StringComparison.Ordinal);
        return $"{nameof(AliasesModel.Alias)}." + param[(param.LastIndexOf('.') + 1)..] switch
        {
            nameof(Model) => isSecond ? nameof(SecondModel) : nameof(Model),
            nameof(Provider) => isSecond ? nameof(SecondProvider) : nameof(Provider),
            _ => nameof(Name),
        };
    }

    private static JsonObject Target(string? provider, string? model) =>
        new() { [nameof(Provider)] = provider?.Trim(), [nameof(Model)] = model?.Trim() };

    /// <summary>A target with no more fields than the form; else <c>null</c>.</summary>
    private static (string Provider, string Model)? Plain(JsonElement target, bool lower)
    {
        if (target.ValueKind != JsonValueKind.Object) return null;
        var fields = target.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.OrdinalIgnoreCase);
        if (!fields.Remove(nameof(Provider), out var provider) || !fields.Remove(nameof(Model), out var model)) return null;
        var isLower = fields.Remove("Priority", out var priority)
            && priority.ValueKind == JsonValueKind.Number && priority.TryGetInt32(out var value) && value < 0;
        return fields.Count == 0 && isLower == lower ? (provider.ToString(), model.ToString()) : null;
    }
}
