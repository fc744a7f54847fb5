using Microsoft.Extensions.Options;

namespace AiPipe.Tests.Support;

/// <summary>Options that nobody changes while a test runs.</summary>
internal sealed class Settled<T>(T options) : IOptionsMonitor<T>
{
    public T CurrentValue => options;

    public T Get(string? name) => options;

    public IDisposable? OnChange(Action<T, string?> listener) => null;
}
