using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;

namespace AiPipe.Proxy.Settings;

/// <summary>All options of this process that settings can change.</summary>
internal sealed class LiveSettings(
    Live<TokenOptions> tokens, Live<TeamOptions> teams, Live<BudgetOptions> budgets, Live<RateLimitOptions> rates,
        Live<AccessOptions> access,
    ProviderCatalog providers, PriceTable prices, RouteTable routes)
{
    /// <summary>Applies new settings to the next calls. Nothing here can fail half-way.</summary>
    public void Replace(SettingsSnapshot settings)
    {
        // Not part of the settings: verified tokens must stay valid.
        settings.Tokens.Secret = tokens.CurrentValue.Secret;
        tokens.Replace(settings.Tokens);
        teams.Replace(settings.Teams);
        budgets.Replace(settings.Budgets);
        rates.Replace(settings.RateLimits);
        access.Replace(settings.Access);
        providers.Replace(settings.Providers);
        prices.Replace(settings.Prices);
        routes.Replace(settings.Routes);
    }
}
