using AiPipe.Proxy.CommandLine;
using AiPipe.Proxy.Data;
using AiPipe.Proxy.Edge;
using AiPipe.Proxy.Features.AccessTokens;
using AiPipe.Proxy.Features.Admin;
using AiPipe.Proxy.Features.Apisix;
using AiPipe.Proxy.Features.Apps;
using AiPipe.Proxy.Features.Audit;
using AiPipe.Proxy.Features.Calls;
using AiPipe.Proxy.Features.Classes;
using AiPipe.Proxy.Features.Fetch;
using AiPipe.Proxy.Features.Hosts;
using AiPipe.Proxy.Features.Keys;
using AiPipe.Proxy.Features.Models;
using AiPipe.Proxy.Features.People;
using AiPipe.Proxy.Features.Settings;
using AiPipe.Proxy.Features.SignIn;
using AiPipe.Proxy.Features.Similarity;
using AiPipe.Proxy.Journey;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.Proxy.Journey.Backends;
using AiPipe.Proxy.Journey.Budgets;
using AiPipe.Proxy.Journey.Budgets.RateLimits;
using AiPipe.Proxy.Journey.Budgets.Redis;
using AiPipe.Proxy.Journey.Forwarding;
using AiPipe.Proxy.Journey.Pricing;
using AiPipe.Proxy.Journey.Recording;
using AiPipe.Proxy.Telemetry;
using AiPipe.ServiceDefaults;

namespace AiPipe.Proxy;

/// <summary>The gateway: the front door of every call.</summary>
public sealed class Program
{
    private Program() { }

    public static Task<int> Main(string[] args) =>
        ServiceProgram.RunAsync(args, OperatorCommands.Create, extend => Build(args, extend, servesPages: true));

    /// <summary>Builds the gateway.</summary>
    /// <param name="args">Command line: configuration such as <c>--urls http://localhost:8787</c>.</param>
    /// <param name="extend">Adds services and configuration of the surrounding host.</param>
    /// <param name="servesPages">Whether pages are served here where the configuration names no Portal.</param>
    /// <exception cref="InvalidOperationException">The configuration is wrong; the message names the setting.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? extend = null, bool servesPages = false)
    {
        var builder = StaticConfiguration.CreateBuilder(args).AddAiPipeConfiguration();
        extend?.Invoke(builder);
        builder.AddDevelopmentSecret().AddServer().AddForwardedCallers().AddPortalForwarding().AddServiceDefaults();
        builder.AddDatabase<AiPipeDb>("aipipe");

        builder.AddCallerAuthentication().AddBackends().AddForwarding().AddPricing().AddBudgets().AddRateLimits().AddRecording().AddReplica();
        builder.Services.AddSingleton<RequestJourney>().AddSingleton<RouteJourney>().AddSingleton<TargetAttempts>();
        builder.AddAudit().AddSettings().AddPeople().AddSignIn().AddApps().AddKeys().AddClasses().AddCalls().AddFetch();
        builder.AddAccessTokens().AddApisix();
        builder.AddProxyTelemetry();
        if (servesPages) builder.AddOwnPages();

        var app = builder.Build();
        app.UseForwardedCallers().UseTraceHeader();
        app.UseMiddleware<UnexpectedErrors>().UseCallerDisconnects().UseCorsHeaders();
        app.MapDefaultEndpoints();
        app.MapMetrics();
        app.MapUsage().MapCalls().MapModels().MapSignIn().MapApps().MapKeys().MapClasses().MapFetch().MapSimilarity();
        app.MapAdmin().MapAudit().MapSettings().MapPeople().MapProviders().MapRoutes().MapPrices().MapSystem().MapUsers().MapHosts();
        app.MapApisix().MapAccessToken().MapWrongMethods().MapPortalForwarding();
        if (servesPages) app.MapOwnPages();
        app.MapJourney();
        return app;
    }
}
