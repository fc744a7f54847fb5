using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Names that callers use for models.</summary>
public sealed class AliasesModel() : TargetsPage("Aliases")
{
    [BindProperty]
    public AliasForm Alias { get; set; } = new();

    /// <summary>Those that an alias may lead to, and whether there is a key for them.</summary>
    public IReadOnlyList<(string Name, bool HasKey)> Providers { get; private set; } = [];

    /// <summary>The aliases, and the form: empty, or with one of them in it.</summary>
    public async Task<IActionResult> OnGetAsync(string? name, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (name is null) return Page();
        if (Find(name) is not { Value: not null } setting) return RedirectToSelf(DocumentPage.NotFoundMessage);
        if (AliasForm.FromSetting(setting) is not { } form) return RedirectToPage("/Console/Alias", new { name });
        Alias = form;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        var stored = Find(Alias.Name?.Trim());
        if (Alias.Version is null && stored?.Value is not null) Complain(nameof(AliasForm.Name), DocumentPage.NameTakenMessage);
        if (string.IsNullOrWhiteSpace(Alias.SecondProvider) != string.IsNullOrWhiteSpace(Alias.SecondModel))
            Complain(nameof(AliasForm.SecondModel), "Give both, the provider and the model, or neither.");
        if (!ModelState.IsValid) return Page();
        var change = new SettingRequest(["Aliases", Alias.Name!.Trim()], Alias.ToJson(), Alias.Note, Alias.Version ?? stored?.Version ?? 0);
        if (await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), AliasForm.FieldOf)) return RedirectToSelf($"{Alias.Name.Trim()} is {Alias.Model} of {Alias.Provider} from the next call on.");
        if (Problem is not null) Complain(nameof(AliasForm.Name), Problem);
        await ReadAsync(cancellationToken);
        // What holds now stands above: whoever saves once more has seen it, unless there is more to it than the table shows.
        if (Response.StatusCode == StatusCodes.Status409Conflict && (Find(Alias.Name) is not { Value: not null } now || AliasForm.FromSetting(now) is not null))
            Alias.Version = Find(Alias.Name)?.Version ?? 0;
        return Page();
    }

    private protected override IReadOnlyList<RouteInfo> Select(RouteList list) => list.Aliases;

    private protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        await base.ReadAsync(cancellationToken);
        Providers = [.. (await Gateway.GetProvidersAsync(cancellationToken))
            .Where(provider => provider.Dialect == "openai")
            .Select(provider => (provider.Name, HasKey: provider.BuiltIn || provider.Keys.Count > 0))
            .OrderByDescending(provider => provider.HasKey)];
    }

    private void Complain(string field, string what) => ModelState.AddModelError($"{nameof(Alias)}.{field}", what);
}
