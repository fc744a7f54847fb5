using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The hosts that callers may name in <c>X-Host-Final</c>, and the keys used there.</summary>
public sealed class HostsModel : PortalPage
{
    [BindProperty, Required(ErrorMessage = "Enter the host.")]
    public string? Host { get; set; }

    [BindProperty, Required(ErrorMessage = "Enter a key for the host.")]
    public string? Key { get; set; }

    public IReadOnlyList<HostInfo> Hosts { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Hosts = await Gateway.GetHostsAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var (host, key) = ((Host ?? "").Trim(), (Key ?? "").Trim());
        if (ModelState.IsValid && await TryAsync(() => Gateway.AddHostAsync(new HostKeyRequest(host, key), cancellationToken), FieldOf))
            return RedirectToSelf($"The key for {host} is added. Calls may name this host from now on.");
        Hosts = await Gateway.GetHostsAsync(cancellationToken);
        return Page();
    }

    private static string? FieldOf(string param) => param switch { "host" => nameof(Host), "key" => nameof(Key), _ => null };

    public async Task<IActionResult> OnPostRemoveAsync(string? name, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        if (await TryAsync(() => Gateway.RemoveHostAsync(name ?? "", cancellationToken)))
            return RedirectToSelf($"{name} is removed. Calls that name it are refused.");
        Hosts = await Gateway.GetHostsAsync(cancellationToken);
        return Page();
    }
}
