using AiPipe.Proxy.Callers;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>
/// The settings of this process that can change. They are one immutable snapshot, replaced with one write: everything that reads settings
/// reads a part of it, and so never sees half of a change.
/// </summary>
internal sealed class LiveSettings(IOptions<TokenOptions> files)
{
    private volatile SettingsSnapshot? _current;

    /// <summary><c>null</c> until the table is read, at the start: then the files' values apply.</summary>
    public SettingsSnapshot? Current => _current;

    /// <summary>Applies new settings to the next calls.</summary>
    public void Replace(SettingsSnapshot next)
    {
        // Not part of the settings: verified tokens must stay valid.
        next.Tokens.Secret = files.Value.Secret;
        _current = _current is { } before ? next.Remembering(before) : next;
    }
}
