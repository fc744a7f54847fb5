using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>A valid set of all settings that may change at run time.</summary>
internal sealed record SettingsSnapshot(
    TokenOptions Tokens, TeamOptions Teams, BudgetOptions Budgets, RateLimitOptions RateLimits, IReadOnlyList<Provider> Providers,
    AccessOptions Access, PriceOverrides Prices, IReadOnlyList<ModelRoute> Routes)
{
    /// <summary>Reads the settings with the startup readers.</summary>
    /// <exception cref="OptionsValidationException">One line with the invalid key and the fix.</exception>
    public static SettingsSnapshot Read(IConfiguration settings, IHostEnvironment environment)
    {
        var (tokens, setup) = (new TokenOptions(), new TokenOptionsSetup(settings, environment));
        setup.Configure(tokens);
        if (setup.Validate(name: null, tokens) is { Failed: true } refused) throw new OptionsValidationException(
            "", typeof(TokenOptions), refused.Failures);
        var teams = new TeamOptions();
        teams.Read(settings.GetSection(TeamOptions.Section));
        var budgets = new BudgetOptions();
        budgets.Read(settings, teams);
        var providers = ProviderConfiguration.Read(settings);
        var catalog = new ProviderCatalog(providers);
        var rates = new RateLimitOptions();
        rates.Read(settings.GetSection(RateLimitOptions.Section), catalog);
        var access = new AccessOptions();
        access.Read(settings.GetSection(AccessOptions.Section), catalog);
        return new SettingsSnapshot(tokens, teams, budgets, rates, providers, access, PriceOverrides.Read(settings),
            RouteReader.Read(settings, providers));
    }

    public static (SettingsSnapshot? Snapshot, SettingProblem? Problem) TryRead(IConfiguration settings, IHostEnvironment environment)
    {
        try
        {
            return (Read(settings, environment), null);
        }
        catch (OptionsValidationException e)
        {
            return (null, SettingProblem.FromException(e));
        }
        // The readers were written for files: any other exception of theirs must not apply a change either.
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or OverflowException)
        {
            return (null, new SettingProblem("Something in it cannot be read."));
        }
    }
}
