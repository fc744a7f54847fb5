using System.Globalization;
using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Edits one setting as JSON.</summary>
/// <param name="section">The section of the settings.</param>
/// <param name="list">The page that lists the section.</param>
/// <param name="example">The document of a new setting.</param>
public abstract class DocumentPage(string section, string list, string example) : PortalPage
{
    /// <summary>Less than the gateway's limit, because a change contains the document.</summary>
    private const int MaxDepth = 32;

    /// <summary>Without the name, which a hostile link could choose.</summary>
    internal const string NotFoundMessage = "This item no longer exists.";

    internal const string NameTakenMessage = "This name is already used. Choose another name, or change the existing item.";

    private static readonly JsonDocumentOptions Lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };

    [BindProperty(SupportsGet = true)]
    public string? Name { get; set; }

    [BindProperty]
    public string? Document { get; set; }

    [BindProperty]
    public string? Note { get; set; }

    /// <summary>The version that the form shows; <c>null</c> = a new setting.</summary>
    [BindProperty]
    public long? Version { get; set; }

    public bool IsNew => Version is null;

    public bool HasSecrets => Document?.Contains("\"Mask\":", StringComparison.Ordinal) == true;

    public string? DocumentError => ModelState[nameof(Document)]?.Errors is [var first, ..] ? first.ErrorMessage : null;

    /// <summary>The value that another administrator saved meanwhile.</summary>
    public string? CurrentValue { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        (Document, Version) = (example, null);
        if (string.IsNullOrEmpty(Name)) return Page();
        if (await FindAsync(cancellationToken) is not { Value: { } value } setting) return List(NotFoundMessage);
        (Name, Document, Version) = (setting.Name, JsonText.Lines(value), setting.Version);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        Name = (Name ?? "").Trim();
        var stored = await FindAsync(cancellationToken);
        if (IsNew && stored?.Value is not null) ModelState.AddModelError(nameof(Name), NameTakenMessage);
        if (Read() is not { } value || !ModelState.IsValid) return Page();
        var change = new SettingRequest([section, Name], value, Note, Version ?? stored?.Version ?? 0);
        if (await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), FieldOf))
            return List($"{Name} is saved. It applies from the next call.");
        if (Problem is not null) ModelState.AddModelError(nameof(Document), Problem);
        if (Response.StatusCode != StatusCodes.Status409Conflict) return Page();
        stored = await FindAsync(cancellationToken);
        // The page shows the current value, so saving again may replace it.
        (Version, CurrentValue) = (stored?.Version ?? 0, stored?.Value is { } now ? JsonText.Lines(now) : "It was removed.");
        return Page();
    }

    private async Task<SettingInfo?> FindAsync(CancellationToken cancellationToken) =>
        (await Gateway.GetSettingsAsync(section, cancellationToken))
            .FirstOrDefault(setting => setting.Name.Equals(Name, StringComparison.OrdinalIgnoreCase));

    private static string? FieldOf(string param) => param.StartsWith("path", StringComparison.Ordinal) ? nameof(Name) : nameof(Document);

    private JsonElement? Read()
    {
        try
        {
            var value = JsonElement.Parse(Document ?? "", Lenient);
            // Detects unpaired surrogates, which parsing accepts.
            _ = JsonSerializer.Serialize(value);
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) return value;
            ModelState.AddModelError(nameof(Document), "Enter a JSON object, such as { \"Targets\": … }.");
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, character {e.BytePositionInLine + 1}");
            ModelState.AddModelError(nameof(Document), $"Not valid JSON: {place}.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            ModelState.AddModelError(nameof(Document), "Not valid JSON: a string contains an unpaired surrogate.");
        }
        return null;
    }

    private RedirectToPageResult List(string message)
    {
        StatusMessage = message;
        return RedirectToPage(list);
    }
}
