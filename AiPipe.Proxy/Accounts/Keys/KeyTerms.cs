using System.Globalization;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Accounts.Keys;

/// <summary>The terms of a new key.</summary>
/// <param name="Days">The limit's window in UTC days; <c>null</c> with a limit = the calendar month.</param>
internal sealed record KeyTerms(string Name, PicoUsd? Limit, int? Days, int? ExpiresInDays)
{
    private const int MaxNameLength = 100;
    private const int UsualDays = 30;
    private const int MaxLife = BudgetOptions.MaxDays;

    public static (KeyTerms? Terms, Refusal? Refusal) Read(KeyRequest request)
    {
        var name = request.Name?.Trim();
        if (name is null or { Length: 0 or > MaxNameLength } || name.Any(char.IsControl))
            return Wrong($"The field \"name\" must have from 1 to {MaxNameLength} characters.", "name");
        if (request.Limit is < 0 or > BudgetOptions.MaxLimit)
            return Wrong(string.Create(
                CultureInfo.InvariantCulture, $"The field \"limit\" must be from 0 to {BudgetOptions.MaxLimit} USD."), "limit");
        if (request.Days is < 1 or > BudgetOptions.MaxDays) return Wrong(
            $"The field \"days\" must be from 1 to {BudgetOptions.MaxDays}.", "days");
        if (request.Period is not (null or "month")) return Wrong("The field \"period\" must be \"month\", or left out.", "period");
        if (request is { Days: not null, Period: not null }) return Wrong("Give either \"days\" or \"period\".", "period");
        if (request.Limit is null && (request.Days is not null || request.Period is not null)) return Wrong(
            "\"days\" and \"period\" need a \"limit\".", "limit");
        if (request.ExpiresInDays is < 1 or > MaxLife) return Wrong(
            $"The field \"expires_in_days\" must be from 1 to {MaxLife}.", "expires_in_days");

        PicoUsd? limit = request.Limit is { } usd ? PicoUsd.FromUsd(usd) : null;
        int? days = limit is null || request.Period is not null ? null : request.Days ?? UsualDays;
        return (new KeyTerms(name, limit, days, request.ExpiresInDays), null);

        static (KeyTerms?, Refusal?) Wrong(string message, string param) => (null, Refusal.InvalidRequest(message, param));
    }
}
