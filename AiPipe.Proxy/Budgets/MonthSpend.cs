using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

internal readonly record struct MonthSpend(PicoUsd Cost, long Requests);
