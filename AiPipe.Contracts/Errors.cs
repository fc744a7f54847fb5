namespace AiPipe.Contracts;

/// <summary>
/// The body of every error. OpenAI's clients read <c>error.message</c>, AI Pipe's pages read <c>message</c>; both are the same sentence.
/// </summary>
/// <param name="Error">What went wrong, for programs and for people.</param>
/// <param name="Message">What went wrong and what to do next.</param>
public sealed record ErrorResponse(ErrorInfo Error, string Message);

/// <summary>What went wrong.</summary>
public sealed record ErrorInfo
{
    /// <summary>What went wrong and what to do next.</summary>
    public required string Message { get; init; }
    /// <summary>The kind of error as OpenAI names it, such as <c>invalid_request_error</c>.</summary>
    public required string Type { get; init; }
    /// <summary>The code of the error, one of the list in the documentation.</summary>
    public required string Code { get; init; }
    /// <summary>
    /// The field that the error is about, as a path of JSON names (<c>limits.budget</c>, <c>members[3].email</c>), or the name of a query
    /// parameter. Absent where the error is about no field.
    /// </summary>
    public string? Param { get; init; }
    /// <summary>UTC. When a spent budget has room again.</summary>
    public DateTime? ResetsAt { get; init; }
    /// <summary>Seconds to wait before another attempt, as in <c>Retry-After</c>.</summary>
    public long? Seconds { get; init; }
    /// <summary>USD. The maximum cost of a request that does not fit its budget, even with the shortest response.</summary>
    public decimal? MaxCost { get; init; }
    /// <summary>USD. What is left of that budget.</summary>
    public decimal? Remaining { get; init; }
}
