using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

internal readonly record struct MonthSpend(PicoUsd Cost, long Requests);
