namespace AiPipe.Proxy.Usage;

internal enum SpendPart { Total, Day, Model, App, Key }

internal sealed record SpendSum(
    SpendPart Of, DateOnly? Day, string? Provider, string? Model, string? App, Guid? Key, string? KeyName, decimal Cost, long Calls,
        decimal Input, decimal Output);
