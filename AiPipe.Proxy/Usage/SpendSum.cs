namespace AiPipe.Proxy.Usage;

/// <summary>What a sum is over.</summary>
internal enum SpendPart { Total, Day, Model, App, Key }

/// <summary>One sum, as Postgres makes it.</summary>
internal sealed record SpendSum(
    SpendPart Of, DateOnly? Day, string? Provider, string? Model, string? App, Guid? Key, string? KeyName, decimal Cost, long Calls, decimal Input, decimal Output);
