using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>Hashes passwords, slowly on purpose: a few at a time, never on threads that serve calls.</summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>The longest queue; further requests are refused.</summary>
    private const int MostWaiting = 64;

    private static readonly int MostAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    // The framework's hash ignores the user.
    private static readonly object Anybody = new();

    private readonly PasswordHasher<object> _hasher = new();
    private readonly SemaphoreSlim _turns = new(MostAtOnce);
    /// <summary>The hash of a random password, so that checking an unknown user takes the same time.</summary>
    private readonly Lazy<string> _nobodys;
    private int _waiting;

    public Passwords() =>
        _nobodys = new(() => _hasher.HashPassword(Anybody, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));

    /// <summary>The hash of a password; <c>null</c> if the queue is full.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => _hasher.HashPassword(Anybody, password), cancellationToken);

    /// <summary>Takes the same time with and without a hash.</summary>
    /// <param name="hash"><c>null</c> = the user is unknown or has no password.</param>
    /// <param name="password">At most <see cref="PasswordRules.MaxLength"/> characters.</param>
    /// <returns><c>null</c> if the queue is full.</returns>
    public async Task<PasswordVerificationResult?> CheckAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var checkedAgainst = await InTurnAsync(
            () => new Checked(_hasher.VerifyHashedPassword(Anybody, hash ?? _nobodys.Value, password)), cancellationToken);
        return hash is null && checkedAgainst is not null ? PasswordVerificationResult.Failed : checkedAgainst?.Result;
    }

    public void Dispose() => _turns.Dispose();

    private async Task<T?> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken) where T : class
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }
        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    private sealed record Checked(PasswordVerificationResult Result);
}
