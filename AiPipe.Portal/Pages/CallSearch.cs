using AiPipe.Portal.Gateway;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace AiPipe.Portal.Pages;

/// <summary>The filter form of a list of calls. Empty fields filter nothing.</summary>
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

    /// <summary>Keys to choose from; <c>null</c> shows a field for a key's id instead.</summary>
    [BindNever]
    public IReadOnlyList<KeyInfo>? Keys { get; set; }

    /// <summary>The filter without paging.</summary>
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

    /// <summary>The filter for this page.</summary>
    public CallFilter Page => All with { Before = Before, Limit = PerPage };
}
