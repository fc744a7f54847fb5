using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Callers;

/// <summary>Warns at every start about a short secret that the operator has allowed.</summary>
internal sealed partial class ShortSecretWarning(
    IOptions<TokenOptions> options, IHostEnvironment environment, ILogger<ShortSecretWarning> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment() && options.Value.Secret.Length < TokenOptionsSetup.MinSecretLength)
            Log.Short(logger, TokenOptionsSetup.MinSecretLength);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "AIPIPE_SECRET has fewer than {Bytes} bytes (AiPipe:AllowShortSecret): anyone with a token can guess it and sign tokens " +
            "of administrators. Replace it with a long random text (openssl rand -base64 48) "
            + "as soon as the old tokens are no longer needed.")]
        public static partial void Short(ILogger logger, int bytes);
    }
}
