using System.ComponentModel.DataAnnotations;
using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc;

namespace AiPipe.Portal.Pages.Console;

/// <summary>The hosts that callers may name in <c>X-Host-Final</c>, and our keys there.</summary>
public sealed class HostsModel : PortalPage
{
    [BindProperty, Required(ErrorMessage = "Name the host.")]
    public string? Host { get; set; }

    [BindProperty, Required(ErrorMessage = "Give a key for it.")]
    public string? Key { get; set; }

    public IReadOnlyList<HostInfo> Hosts { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellationToken) => Hosts = await Gateway.GetHostsAsync(cancellationToken);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        var (host, key) = ((Host ?? "").Trim(), (Key ?? "").Trim());
        if (ModelState.IsValid && await TryAsync(() => Gateway.AddHostAsync(new HostKeyRequest(host, key), cancellationToken), FieldOf)) return RedirectToSelf($"The key for {host} is added: the next call may name the host.");
        Hosts = await Gateway.GetHostsAsync(cancellationToken);
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(string? name, CancellationToken cancellationToken)
    {
        ModelState.Clear();
        if (await TryAsync(() => Gateway.RemoveHostAsync(name ?? "", cancellationToken))) return RedirectToSelf($"{name} is removed: calls that name it are refused.");
        Hosts = await Gateway.GetHostsAsync(cancellationToken);
        return Page();
    }

    private static string? FieldOf(string param) => param switch { "host" => nameof(Host), "key" => nameof(Key), _ => null };
}
