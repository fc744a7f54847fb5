using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Prices of models, and the form that overrides one.</summary>
public sealed class PricesModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Search { get; set; }

    [BindProperty]
    public Form Price { get; set; } = new();

    public IReadOnlyList<PriceInfo> Prices { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Prices = await Gateway.GetPricesAsync(Search, cancellationToken);

    public Task<IActionResult> OnPostAsync(CancellationToken cancellationToken) =>
        ChangeAsync(Price.Provider, Price.Model, Price.ToJson(), "The price is set. It applies from the next call.", cancellationToken);

    public Task<IActionResult> OnPostTableAsync(string provider, string model, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(provider, model, value: default, "The price set in console is removed.", cancellationToken);
    }

    private async Task<IActionResult> ChangeAsync(
        string? provider, string? model, JsonElement value, string message, CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Prices", (provider ?? "").Trim(), (model ?? "").Trim()], value, Price.Note);
        var fields = FormFields.ForSetting<Form>(nameof(Price), "Price.Provider", "Price.Model");
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), fields))
            return RedirectToSelf(message, new { Search });
        await OnGetAsync(cancellationToken);
        return Page();
    }

    /// <summary>A price in USD per million tokens.</summary>
    public sealed class Form
    {
        private const string Amount = "Enter an amount in US dollars per million tokens.";

        [Required(ErrorMessage = "Enter the provider.")]
        public string Provider { get; set; } = "";

        [Required(ErrorMessage = "Enter the model.")]
        public string Model { get; set; } = "";

        [Range(0, 1_000_000, ErrorMessage = Amount)]
        public decimal Input { get; set; }

        [Range(0, 1_000_000, ErrorMessage = Amount)]
        public decimal? CacheRead { get; set; }

        [Range(0, 1_000_000, ErrorMessage = Amount)]
        public decimal Output { get; set; }

        public string? Note { get; set; }

        public JsonElement ToJson()
        {
            var value = new JsonObject { [nameof(Input)] = Input, [nameof(Output)] = Output };
            if (CacheRead is { } read) value[nameof(CacheRead)] = read;
            return JsonSerializer.SerializeToElement(value);
        }
    }
}
