using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>In Development, the first start generates a secret and stores it in <c>secret</c> of the data folder.</summary>
internal static class DevelopmentSecret
{
    private const string Setting = "AIPIPE_SECRET";
    private const int Bytes = 48;
    /// <summary>Attempts to open a file that another replica is writing: five seconds in all.</summary>
    private const int MaxAttempts = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Adds a missing secret to the configuration. Replicas that share the folder share the secret.</summary>
    /// <exception cref="InvalidOperationException">The secret cannot be stored.</exception>
    public static WebApplicationBuilder AddDevelopmentSecret(this WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment() || !string.IsNullOrWhiteSpace(builder.Configuration[Setting])) return builder;
        if (DataFolder.Find(builder.Configuration) is not { } folder) return builder;
        var path = Path.Combine(folder, "secret");
        try
        {
            builder.Configuration[Setting] = ReadOrCreate(path);
            return builder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The generated secret cannot be kept in {path} ({e.Message}): set {Setting}, or name another folder in AIPIPE_DATA.", e);
        }
    }

    private static string ReadOrCreate(string path)
    {
        DataFolder.Create(Path.GetDirectoryName(path)!);
        using var file = OpenExclusively(path);
        using var reader = new StreamReader(file);
        if (reader.ReadToEnd().Trim() is { Length: > 0 } kept) return kept;
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));
        file.Write(Encoding.ASCII.GetBytes(secret));
        return secret;
    }

    // The lock ends with its process: a killed one leaves nothing to clean up.
    private static FileStream OpenExclusively(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (attempt < MaxAttempts && File.Exists(path))
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
