using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace AiPipe.Proxy.Accounts.SignIn;

/// <summary>
/// Hashes passwords, which is slow on purpose: a few at a time and never on a thread that serves calls, so that guessing holds up nobody
/// but those who sign in.
/// </summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>How many may wait for their turn; the next one is told to come again.</summary>
    private const int MostWaiting = 64;

    private static readonly int MostAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    // Whose a password is makes no difference to the framework's hash.
    private static readonly object Anybody = new();

    private readonly PasswordHasher<object> _hasher = new();
    private readonly SemaphoreSlim _turns = new(MostAtOnce);
    /// <summary>Of a password that nobody knows: checking it takes as long as checking somebody's.</summary>
    private readonly Lazy<string> _nobodys;
    private int _waiting;

    public Passwords() =>
        _nobodys = new(() => _hasher.HashPassword(Anybody, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));

    /// <summary>What is kept of a password; <c>null</c> when too many wait.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => _hasher.HashPassword(Anybody, password), cancellationToken);

    /// <summary>Takes the same time whether there is a hash or not.</summary>
    /// <param name="hash">What is kept; <c>null</c> = nobody of that name has a password.</param>
    /// <param name="password">At most <see cref="PasswordRules.MaxLength"/> characters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns><c>null</c> when too many wait.</returns>
    public async Task<PasswordVerificationResult?> CheckAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var checkedAgainst = await InTurnAsync(() => new Checked(_hasher.VerifyHashedPassword(Anybody, hash ?? _nobodys.Value, password)), cancellationToken);
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
