using AiPipe.Proxy.Accounts.Apps;
using AiPipe.Proxy.Accounts.Classes;
using AiPipe.Proxy.Accounts.Keys;
using AiPipe.Proxy.Accounts.People;
using AiPipe.Proxy.Accounts.SignIn;
using AiPipe.Proxy.Budgets;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Callers.Access;
using AiPipe.Proxy.CommandLine;
using AiPipe.Proxy.Compatibility.AiProxyCloudflare;
using AiPipe.Proxy.Compatibility.Apisix;
using AiPipe.Proxy.Compatibility.OriginalAiPipe;
using AiPipe.Proxy.Compatibility.OriginalAiPipe.Fetch;
using AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;
using AiPipe.Proxy.Counters.Redis;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Ledger;
using AiPipe.Proxy.Pipeline;
using AiPipe.Proxy.Pricing;
using AiPipe.Proxy.Providers;
using AiPipe.Proxy.RateLimits;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Routing.Models;
using AiPipe.Proxy.Settings;
using AiPipe.Proxy.Settings.Audit;
using AiPipe.Proxy.Settings.Hosts;
using AiPipe.Proxy.Telemetry;
using AiPipe.Proxy.Upstream;
using AiPipe.Proxy.Usage;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy;

public sealed class Program
{
    private Program() { }

    public static Task<int> Main(string[] args) =>
        ServiceProgram.RunAsync(args, OperatorCommands.Create, extend => Build(args, extend, servesPages: true));

    /// <summary>Builds the gateway.</summary>
    /// <param name="servesPages">Whether this process serves the pages if no Portal is configured.</param>
    /// <exception cref="InvalidOperationException">The configuration is invalid; the message names the setting.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? extend = null, bool servesPages = false)
    {
        var builder = StaticConfiguration.CreateBuilder(args).AddAiPipeConfiguration();
        extend?.Invoke(builder);
        builder.AddRenamedSettings().SecureDataFolder().AddDevelopmentSecret().AddServer().AddUnmatchedRequests().AddApiDocument()
            .AddForwardedCallers()
            .AddPortalForwarding()
            .AddServiceDefaults();
        builder.AddDatabase<AiPipeDb>("aipipe");

        builder.AddCallerAuthentication().AddAccess().AddProviders(out var providers).AddRouting(providers).AddPricing();
        builder.AddBudgets().AddSpendCounter().AddRateLimits();
        builder.AddUpstream().AddPipeline().AddLedger().AddReplica().AddUnfinishedCalls();
        builder.AddUsage().AddAudit().AddSettings().AddPeople().AddSignIn().AddApps().AddKeys().AddClasses().AddFetch();
        builder.AddAccessTokens(providers).AddApisix();
        builder.AddProxyTelemetry();
        if (servesPages) builder.AddOwnPages();

        var app = builder.Build();
        app.UseForwardedCallers().UseTraceHeader();
        app.UseMiddleware<UnexpectedErrors>().UseCallerDisconnects().UseCorsHeaders().UseUnmatchedRequests();
        app.MapDefaultEndpoints();
        app.MapMetrics();
        app.MapSiteFiles();
        app.MapUsage().MapCalls().MapEstimates().MapModels().MapSignIn().MapApps().MapKeys().MapClasses().MapFetch().MapSimilarity();
        app.MapAdmin().MapAudit().MapSettings().MapPeople().MapProviders().MapRoutes().MapPrices().MapSystem().MapUsers().MapHosts();
        app.MapApisix().MapAccessToken().MapApiDocument().MapPortalForwarding();
        if (servesPages) app.MapOwnPages();
        app.MapPipeline();
        return app;
    }
}
