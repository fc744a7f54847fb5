using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace AiPipe.ServiceDefaults;

/// <summary>Turns the exception that stopped the start into the one line that an operator needs.</summary>
internal static class StartFailure
{
    /// <summary>What logs a failed start with its stack trace.</summary>
    private static readonly string[] Loud = ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Keeps the host and Kestrel from logging a failed start, which <see cref="ServiceProgram"/> reports.</summary>
    /// <param name="logging">Where the host and Kestrel log.</param>
    /// <param name="isRunning">True as soon as the start succeeded: from then on both log as always.</param>
    public static void AddStartFailures(this ILoggingBuilder logging, Func<bool> isRunning)
    {
        foreach (var category in Loud) logging.AddFilter(category, level => level >= LogLevel.Warning && isRunning());
    }

    /// <summary>What went wrong, in one line.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        AggregateException { InnerException: { } inner } => Describe(inner),
        // What is wrong with a file stands in the inner message, which file in the outer.
        InvalidDataException { InnerException: { } inner } =>
            $"{Flat(exception.Message)} {Flat(inner.Message)}{Place(inner.InnerException)}",
        _ when IsAddressInUse(exception) =>
            $"{Flat(exception.Message).TrimEnd('.')}. Another program listens there; "
            + "choose another address: --urls http://localhost:8788, or ASPNETCORE_URLS.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AccessDenied } =>
            $"{Flat(exception.Message)}: AiPipe may not listen on the address that --urls or ASPNETCORE_URLS names; "
            + "choose another: --urls http://localhost:8788.",
        _ => Flat(exception.Message),
    };

    private static string Place(Exception? reason) => reason is JsonException json ? $" {Flat(json.Message)}" : "";

    private static bool IsAddressInUse(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AddressInUseException) return true;
        }
        return false;
    }

    private static string Flat(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
