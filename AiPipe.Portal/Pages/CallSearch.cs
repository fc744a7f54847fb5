using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace AiPipe.Portal.Pages;

/// <summary>What a form of filters asks for; what is left empty filters nothing.</summary>
public sealed class CallSearch
{
    private const int PerPage = 50;

    public DateOnly? From { get; set; }
    public DateOnly? To { get; set; }
    public string? Email { get; set; }
    public string? Provider { get; set; }
    public string? Model { get; set; }
    public string? App { get; set; }
    /// <summary>An API key's id.</summary>
    public string? Key { get; set; }
    public string? Outcome { get; set; }
    public string? Before { get; set; }

    /// <summary>Those that can be chosen from; <c>null</c> = too many to list, so that the id is typed.</summary>
    [BindNever]
    public IReadOnlyList<KeyInfo>? Keys { get; set; }

    /// <summary>Every call that is asked for.</summary>
    public CallFilter All => new()
    {
        From = From,
        To = To,
        Email = Email?.Trim(),
        Provider = Provider?.Trim(),
        Model = Model?.Trim(),
        App = App?.Trim(),
        Key = Key?.Trim(),
        Outcome = Outcome,
    };

    /// <summary>Those on this page.</summary>
    public CallFilter Page => All with { Before = Before, Limit = PerPage };
}
