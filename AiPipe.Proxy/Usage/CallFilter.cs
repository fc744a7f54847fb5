using System.Globalization;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Providers;

namespace AiPipe.Proxy.Usage;

/// <summary>Which entries of the ledger are asked for; <c>null</c> = whatever it is.</summary>
internal sealed record CallFilter
{
    /// <summary>The address in lower case; <c>null</c> = everybody's, for admins.</summary>
    public string? User { get; init; }
    public string? App { get; init; }
    public Guid? Key { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    /// <summary>UTC dates of the calls' beginnings, both included.</summary>
    public DateOnly? From { get; init; }
    public DateOnly? To { get; init; }
    public CallOutcome? Outcome { get; init; }

    /// <summary>What a caller may see: their own; with an app's token or an API key, what was called with it.</summary>
    public static CallFilter FromCaller(Caller.User caller) => new() { User = caller.Email, App = caller.Allowance?.Origin, Key = caller.Key?.Id };

    /// <summary>Reads the parameters; exactly one of the two is there.</summary>
    /// <param name="query">Of the request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="everybody">They may see everybody's.</param>
    public static (CallFilter? Filter, Refusal? Refusal) Read(IQueryCollection query, Caller.User caller, bool everybody)
    {
        var own = everybody ? new CallFilter() : FromCaller(caller);
        foreach (var (name, values) in query)
            if (values.Count > 1 || values.ToString().AsSpan().ContainsAnyInRange('\0', '\x1f')) return (null, Wrong(name, "is there twice, or has a letter that nothing has"));

        if (!TryRead(query, "from", DateOf, out DateOnly? from)) return (null, Wrong("from", "must be a date like 2026-01-31"));
        if (!TryRead(query, "to", DateOf, out DateOnly? to)) return (null, Wrong("to", "must be a date like 2026-01-31"));
        if (from > to) return (null, Refusal.InvalidRequest("The parameter \"from\" lies after \"to\".", "from"));
        if (!TryRead(query, "key", static text => Guid.TryParse(text, out var id) ? id : null, out Guid? key)) return (null, Wrong("key", "must be the id of an API key"));
        if (!TryRead(query, "outcome", OutcomeOf, out CallOutcome? outcome)) return (null, Wrong("outcome", "must be ok, failed, cut or estimated"));
        return (own with
        {
            User = own.User ?? (Text(query, "email") is { } email ? Email.Normalize(email) : null),
            App = own.App ?? Text(query, "app"),
            Key = own.Key ?? key,
            Provider = Text(query, "provider") is { } provider ? NameOf(provider) : null,
            Model = Text(query, "model"),
            From = from,
            To = to,
            Outcome = outcome,
        }, null);
    }

    /// <summary>The first moment of the first day.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>The first moment after the last day; of the last one that the calendar has, its own.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => StartOf(day < DateOnly.MaxValue ? day.AddDays(1) : day);

    /// <summary>Names in paths are taken in whatever capitals, and some providers have two; the ledger has one.</summary>
    private static string NameOf(string provider) => KnownProviders.All
        .FirstOrDefault(known => provider.Equals(known.Name, StringComparison.OrdinalIgnoreCase) || provider.Equals(known.Alias, StringComparison.OrdinalIgnoreCase))?.Name ?? provider;

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

/// <summary>How calls ended.</summary>
internal enum CallOutcome
{
    /// <summary>With an answer and its usage.</summary>
    Ok,
    /// <summary>With an error, ours or the provider's.</summary>
    Failed,
    /// <summary>Before the answer's end: the caller left, the provider or a replica died, or the money was used up.</summary>
    Cut,
    /// <summary>With a cost that rests on what was counted, since nobody reported it.</summary>
    Estimated,
}
