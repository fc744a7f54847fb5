using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>Aliases: names of models that the operator chooses.</summary>
public sealed class AliasesModel() : TargetsPage("Aliases")
{
    [BindProperty]
    public AliasForm Alias { get; set; } = new();

    /// <summary>The providers that an alias can use, those with a key first.</summary>
    public IReadOnlyList<(string Name, bool HasKey)> Providers { get; private set; } = [];

    /// <summary>Shows the aliases and the form: empty, or with the alias <paramref name="name"/>.</summary>
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
        if (Alias.Version is null && stored?.Value is not null) AddError(nameof(AliasForm.Name), DocumentPage.NameTakenMessage);
        if (string.IsNullOrWhiteSpace(Alias.SecondProvider) != string.IsNullOrWhiteSpace(Alias.SecondModel))
            AddError(nameof(AliasForm.SecondModel), "Enter both the provider and the model, or neither.");
        if (!ModelState.IsValid) return Page();
        var change = new SettingRequest(["Aliases", Alias.Name!.Trim()], Alias.ToJson(), Alias.Note, Alias.Version ?? stored?.Version ?? 0);
        if (await TryAsync(() => Gateway.ChangeSettingAsync(change, cancellationToken), AliasForm.FieldOf))
            return RedirectToSelf($"From the next call, {Alias.Name.Trim()} is {Alias.Model} of {Alias.Provider}.");
        if (Problem is not null) AddError(nameof(AliasForm.Name), Problem);
        await ReadAsync(cancellationToken);
        // The table above shows the current value, so saving again may replace it, unless it has more than the table shows.
        var isShown = Find(Alias.Name) is not { Value: not null } now || AliasForm.FromSetting(now) is not null;
        if (Response.StatusCode == StatusCodes.Status409Conflict && isShown) Alias.Version = Find(Alias.Name)?.Version ?? 0;
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

    private void AddError(string field, string message) => ModelState.AddModelError($"{nameof(Alias)}.{field}", message);
}
