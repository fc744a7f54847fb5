using Microsoft.AspNetCore.Connections;

namespace AiPipe.AppHost.Starting;

/// <summary>Turns whatever stopped the start into the one line that a person needs.</summary>
internal static class WhyNot
{
    public static string InOneLine(Exception exception) => exception switch
    {
        _ when Find<CannotStartException>(exception) is { } known => Flat(known.Message),
        _ when Find<AddressInUseException>(exception) is not null =>
            $"{Flat(exception.Message).TrimEnd('.')}. Another program listens there; choose another address: --urls http://localhost:8788, or ASPNETCORE_URLS.",
        AggregateException { InnerException: { } inner } => InOneLine(inner),
        _ => Flat(exception.Message),
    };

    private static T? Find<T>(Exception? exception) where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found) return found;
        }
        return null;
    }

    private static string Flat(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
