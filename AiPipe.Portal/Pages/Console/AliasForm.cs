using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages.Console;

/// <summary>What most aliases are: a model, and perhaps another one that is asked when the first is in trouble.</summary>
public sealed class AliasForm
{
    private const string NameIt = "Name the model, as its provider calls it.";

    [Required(ErrorMessage = "Give it a name.")]
    public string? Name { get; set; }

    [Required(ErrorMessage = "Choose the provider.")]
    public string? Provider { get; set; }

    [Required(ErrorMessage = NameIt)]
    public string? Model { get; set; }

    /// <summary><c>null</c> = there is no second model.</summary>
    public string? SecondProvider { get; set; }

    public string? SecondModel { get; set; }

    public string? Note { get; set; }

    /// <summary>What stood there when it was read; <c>null</c> = it is a new one.</summary>
    public long? Version { get; set; }

    /// <summary>A setting as a form; <c>null</c> when it says more than a form has fields for.</summary>
    public static AliasForm? FromSetting(SettingInfo setting)
    {
        var targets = setting.Value is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().ToList() : setting.Value is { } one ? [one] : [];
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

    /// <summary>As a setting's value.</summary>
    public JsonElement ToJson()
    {
        var first = Target(Provider, Model);
        if (string.IsNullOrEmpty(SecondProvider)) return JsonSerializer.SerializeToElement(first);
        var second = Target(SecondProvider, SecondModel);
        second["Priority"] = -1;
        return JsonSerializer.SerializeToElement(new JsonArray(first, second));
    }

    /// <summary>The field for a field of the API: <c>value[1].Model</c> is the second model's.</summary>
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

    private static JsonObject Target(string? provider, string? model) => new() { [nameof(Provider)] = provider?.Trim(), [nameof(Model)] = model?.Trim() };

    /// <summary>A target that says no more than a form does.</summary>
    private static (string Provider, string Model)? Plain(JsonElement target, bool lower)
    {
        if (target.ValueKind != JsonValueKind.Object) return null;
        var fields = target.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.OrdinalIgnoreCase);
        if (!fields.Remove(nameof(Provider), out var provider) || !fields.Remove(nameof(Model), out var model)) return null;
        var isLower = fields.Remove("Priority", out var priority) && priority.ValueKind == JsonValueKind.Number && priority.TryGetInt32(out var value) && value < 0;
        return fields.Count == 0 && isLower == lower ? (provider.ToString(), model.ToString()) : null;
    }
}
