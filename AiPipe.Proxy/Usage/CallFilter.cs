using System.Globalization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Usage;

/// <summary>A filter of ledger entries; <c>null</c> = any.</summary>
internal sealed record CallFilter
{
    /// <summary>In lower case; <c>null</c> = everyone's, for administrators.</summary>
    public string? User { get; init; }
    public string? App { get; init; }
    public Guid? Key { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public DateOnly? From { get; init; }
    public DateOnly? To { get; init; }
    public CallOutcome? Outcome { get; init; }

    /// <summary>What a caller may see: their own calls; with an app's token or an API key, the calls made with it.</summary>
    public static CallFilter FromCaller(Caller.User caller) =>
        new() { User = caller.Email, App = caller.Allowance?.Origin, Key = caller.Key?.Id };

    public static (CallFilter? Filter, Refusal? Refusal) Read(IQueryCollection query, Caller.User caller, bool everybody)
    {
        var own = everybody ? new CallFilter() : FromCaller(caller);
        foreach (var (name, values) in query)
            if (values.Count > 1 || values.ToString().AsSpan().ContainsAnyInRange('\0', '\x1f')) return (
                null, Wrong(name, "is there twice, or has a letter that nothing has"));

        if (!TryRead(query, "from", DateOf, out DateOnly? from)) return (null, Wrong("from", "must be a date like 2026-01-31"));
        if (!TryRead(query, "to", DateOf, out DateOnly? to)) return (null, Wrong("to", "must be a date like 2026-01-31"));
        if (from > to) return (null, Refusal.InvalidRequest("The parameter \"from\" is after \"to\".", "from"));
        if (!TryRead(query, "key", static text => Guid.TryParse(text, out var id) ? id : null, out Guid? key)) return (
            null, Wrong("key", "must be the id of an API key"));
        if (!TryRead(query, "outcome", OutcomeOf, out CallOutcome? outcome)) return (
            null, Wrong("outcome", "must be ok, failed, cut or estimated"));
        return (own with
        {
            User = own.User ?? (Text(query, "email") is { } email ? Email.Normalize(email) : null),
            App = own.App ?? Text(query, "app"),
            Key = own.Key ?? key,
            Provider = Text(query, "provider") is { } provider ? KnownProviders.NameOf(provider) : null,
            Model = Text(query, "model"),
            From = from,
            To = to,
            Outcome = outcome,
        }, null);
    }

    public static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>The first moment after the day; of the calendar's last day, its start.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => StartOf(day < DateOnly.MaxValue ? day.AddDays(1) : day);

    private static string? Text(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    private static bool TryRead<T>(IQueryCollection query, string name, Func<string, T?> read, out T? value) where T : struct
    {
        value = null;
        return Text(query, name) is not { } text || (value = read(text)) is not null;
    }

    private static DateOnly? DateOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static CallOutcome? OutcomeOf(string text) => text switch
    {
        "ok" => CallOutcome.Ok,
        "failed" => CallOutcome.Failed,
        "cut" => CallOutcome.Cut,
        "estimated" => CallOutcome.Estimated,
        _ => null,
    };

    private static Refusal Wrong(string name, string why) => Refusal.InvalidRequest($"The parameter \"{name}\" {why}.", name);
}

internal enum CallOutcome
{
    Ok,
    Failed,
    /// <summary>Ended early: the caller disconnected, the provider or a replica failed, or the budget was used up.</summary>
    Cut,
    /// <summary>The provider reported no usage, so the cost is counted.</summary>
    Estimated,
}
