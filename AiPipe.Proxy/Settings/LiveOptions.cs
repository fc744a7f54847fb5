using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>Options that are a part of <see cref="LiveSettings"/>; a value read never changes.</summary>
internal sealed class LiveOptions<TOptions>(
    LiveSettings settings, IOptions<TOptions> files, Func<SettingsSnapshot, TOptions> part) : IOptionsMonitor<TOptions> where TOptions
        : class
{
    public TOptions CurrentValue => settings.Current is { } now ? part(now) : files.Value;

    public TOptions Get(string? name) => CurrentValue;

    /// <summary>Never calls the listener: every reader reads the current value.</summary>
    public IDisposable? OnChange(Action<TOptions, string?> listener) => null;
}
