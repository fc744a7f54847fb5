using System.Collections.Immutable;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>Options that may be replaced while calls are running; a value read never changes.</summary>
internal sealed class Live<TOptions>(IOptions<TOptions> first) : IOptionsMonitor<TOptions> where TOptions : class
{
    private volatile TOptions? _current;
    private ImmutableList<Action<TOptions, string?>> _listeners = [];

    public TOptions CurrentValue => _current ?? first.Value;

    public TOptions Get(string? name) => CurrentValue;

    public void Replace(TOptions options)
    {
        _current = options;
        foreach (var listener in _listeners) listener(options, Options.DefaultName);
    }

    public IDisposable OnChange(Action<TOptions, string?> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, listeners => listeners.Add(listener));
        return new Listening(() => ImmutableInterlocked.Update(ref _listeners, listeners => listeners.Remove(listener)));
    }

    private sealed class Listening(Action stop) : IDisposable
    {
        public void Dispose() => stop();
    }
}
