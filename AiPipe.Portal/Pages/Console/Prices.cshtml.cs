using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>What models cost, and prices of one's own in place of the tables'.</summary>
public sealed class PricesModel : PortalPage
{
    [BindProperty(SupportsGet = true)]
    public string? Search { get; set; }

    [BindProperty]
    public Form Price { get; set; } = new();

    public IReadOnlyList<PriceInfo> Prices { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Prices = await Gateway.GetPricesAsync(Search, cancellationToken);

    public Task<IActionResult> OnPostAsync(CancellationToken cancellationToken) =>
        ChangeAsync(Price.Provider, Price.Model, Price.ToJson(), "The price is set: the next call is billed by it.", cancellationToken);

    public Task<IActionResult> OnPostTableAsync(string provider, string model, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        return ChangeAsync(provider, model, value: default, "The table's price holds again.", cancellationToken);
    }

    private async Task<IActionResult> ChangeAsync(string? provider, string? model, JsonElement value, string done, CancellationToken cancellationToken)
    {
        var change = new SettingRequest(["Prices", (provider ?? "").Trim(), (model ?? "").Trim()], value, Price.Note);
        if (ModelState.IsValid && await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), FormFields.OfSetting<Form>(nameof(Price), "Price.Provider", "Price.Model"))) return RedirectToSelf(done, new { Search });
        await OnGetAsync(cancellationToken);
        return Page();
    }

    /// <summary>A price in USD per million tokens.</summary>
    public sealed class Form
    {
        [Required(ErrorMessage = "Name the provider.")]
        public string Provider { get; set; } = "";

        [Required(ErrorMessage = "Name the model.")]
        public string Model { get; set; } = "";

        [Range(0, 1_000_000)]
        public decimal Input { get; set; }

        [Range(0, 1_000_000)]
        public decimal? CacheRead { get; set; }

        [Range(0, 1_000_000)]
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
