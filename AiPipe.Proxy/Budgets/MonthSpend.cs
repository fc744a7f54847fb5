using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>What a person spent in a calendar month, in UTC.</summary>
/// <param name="Cost">All of it, corrections included.</param>
/// <param name="Requests">How many metered calls that was.</param>
internal readonly record struct MonthSpend(PicoUsd Cost, long Requests);
