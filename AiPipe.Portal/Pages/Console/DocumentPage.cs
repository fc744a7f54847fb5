using System.Globalization;
using System.Text.Json;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>One document of the settings as JSON: for what has more to it than a form has fields.</summary>
/// <param name="section">Of the settings.</param>
/// <param name="list">The page that lists them.</param>
/// <param name="example">What a new one begins with.</param>
public abstract class DocumentPage(string section, string list, string example) : PortalPage
{
    /// <summary>No document of ours is as deep, and one that is sent on within a change must not be too deep for that.</summary>
    private const int MaxDepth = 32;

    /// <summary>Without its name: a link can name anything, and this is told as our own word.</summary>
    internal const string NotFoundMessage = "What you asked for is gone.";

    internal const string NameTakenMessage = "There is one of this name already: change that one, or choose another name.";

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };

    [BindProperty(SupportsGet = true)]
    public string? Name { get; set; }

    [BindProperty]
    public string? Document { get; set; }

    [BindProperty]
    public string? Note { get; set; }

    /// <summary>What stood there when it was read; <c>null</c> = it is a new one.</summary>
    [BindProperty]
    public long? Version { get; set; }

    public bool IsNew => Version is null;

    /// <summary>There is something in it that is not shown.</summary>
    public bool HasMaskedKeys => Document?.Contains('…', StringComparison.Ordinal) == true;

    /// <summary>What is wrong with the document.</summary>
    public string? DocumentError => ModelState[nameof(Document)]?.Errors is [var first, ..] ? first.ErrorMessage : null;

    /// <summary>What somebody else made of it meanwhile.</summary>
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
        if (await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), FieldOf)) return List($"{Name} is saved: the next call obeys it.");
        if (Problem is not null) ModelState.AddModelError(nameof(Document), Problem);
        if (Response.StatusCode != StatusCodes.Status409Conflict) return Page();
        stored = await FindAsync(cancellationToken);
        // Whoever saves once more has seen it.
        (Version, CurrentValue) = (stored?.Version ?? 0, stored?.Value is { } now ? JsonText.Lines(now) : "It was removed.");
        return Page();
    }

    private async Task<SettingInfo?> FindAsync(CancellationToken cancellationToken) =>
        (await Gateway.GetSettingsAsync(section, cancellationToken)).FirstOrDefault(setting => setting.Name.Equals(Name, StringComparison.OrdinalIgnoreCase));

    private static string? FieldOf(string param) => param.StartsWith("path", StringComparison.Ordinal) ? nameof(Name) : nameof(Document);

    private JsonElement? Read()
    {
        try
        {
            var value = JsonElement.Parse(Document ?? "", Lenient);
            // Half a letter (a surrogate alone) shows only when it is written.
            _ = JsonSerializer.Serialize(value);
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) return value;
            ModelState.AddModelError(nameof(Document), "A document stands in braces: { \"Targets\": … }.");
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            ModelState.AddModelError(nameof(Document), string.Create(CultureInfo.InvariantCulture, $"This is no JSON: look at line {line + 1}, near character {e.BytePositionInLine + 1}."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            ModelState.AddModelError(nameof(Document), "A text has half a letter (a surrogate alone).");
        }
        return null;
    }

    private RedirectToPageResult List(string done)
    {
        StatusMessage = done;
        return RedirectToPage(list);
    }
}
