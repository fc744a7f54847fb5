using AiPipe.Portal.Gateway;

namespace AiPipe.Portal.Pages;

/// <summary>What a form of filters asks for; what is left empty filters nothing.</summary>
public sealed class CallSearch
{
    private const int PerPage = 50;

    public DateOnly? From { get; set; }
    public DateOnly? To { get; set; }
    public string? Email { get; set; }
    public string? Model { get; set; }
    public string? App { get; set; }
    public string? Outcome { get; set; }
    public string? Before { get; set; }

    public CallFilter Range => new() { From = From, To = To, Email = Email };

    public CallFilter Filter => Range with { Model = Model, App = App, Outcome = Outcome, Before = Before, Limit = PerPage };
}
