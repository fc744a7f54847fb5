using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Settings;

/// <summary>A valid set of all settings that may change at run time. Immutable.</summary>
internal sealed record SettingsSnapshot(
    TokenOptions Tokens, BudgetOptions Budgets, RateLimitOptions RateLimits, AccessOptions Access, ProviderIndex Providers,
    OverriddenPrices Prices, RouteIndex Routes)
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
        var rates = new RateLimitOptions();
        rates.Read(settings.GetSection(RateLimitOptions.Section), providers);
        var access = new AccessOptions();
        access.Read(settings.GetSection(AccessOptions.Section), providers);
        return new SettingsSnapshot(
            tokens, budgets, rates, access, new ProviderIndex(providers), new OverriddenPrices(PriceOverrides.Read(settings)),
            RouteIndex.Create(RouteReader.Read(settings, providers)));
    }

    /// <summary>The same settings; keys and targets that were there before keep their state.</summary>
    public SettingsSnapshot Remembering(SettingsSnapshot before) =>
        this with { Providers = Providers.Remembering(before.Providers), Routes = Routes.Remembering(before.Routes) };

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
