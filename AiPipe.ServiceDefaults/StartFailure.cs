using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace AiPipe.ServiceDefaults;

/// <summary>Describes in one line why a service could not start.</summary>
internal static class StartFailure
{
    /// <summary>The categories that log a failed start with a stack trace.</summary>
    private static readonly string[] StackTraceCategories =
        ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Keeps the host and Kestrel from logging a failed start, which <see cref="ServiceProgram"/> reports.</summary>
    /// <param name="logging">The logging of the service.</param>
    /// <param name="isRunning">Returns true after the start has succeeded. From then on both log as usual.</param>
    public static void HideStartFailures(this ILoggingBuilder logging, Func<bool> isRunning)
    {
        foreach (var category in StackTraceCategories) logging.AddFilter(category, level => level >= LogLevel.Warning && isRunning());
    }

    /// <summary>Describes an exception in one line.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        AggregateException { InnerException: { } inner } => Describe(inner),
        // The outer message names the file, the inner message the error in it.
        InvalidDataException { InnerException: { } inner } =>
            $"{Flat(exception.Message)} {Flat(inner.Message)}{Place(inner.InnerException)}",
        _ when IsAddressInUse(exception) =>
            $"{Flat(exception.Message).TrimEnd('.')}. Another program listens there. "
            + "Choose another address: --urls http://localhost:8788, or ASPNETCORE_URLS.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AccessDenied } =>
            $"{Flat(exception.Message)}: AiPipe cannot listen on the address in --urls or ASPNETCORE_URLS. "
            + "Choose another address: --urls http://localhost:8788.",
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
