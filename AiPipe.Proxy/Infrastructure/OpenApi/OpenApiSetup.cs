using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace AiPipe.Proxy.Infrastructure.OpenApi;

/// <summary><c>/openapi/v1.json</c> describes every endpoint of AiPipe, and <c>/docs/api</c> shows it in a browser.</summary>
internal static class OpenApiSetup
{
    private const string DocumentPath = $"/openapi/{ApiDocument.Name}.json";
    private const string PagePath = "/docs/api";
    private const string Bearer = "bearer";
    private const int NonceBytes = 18;

    private static readonly (string Name, string Description)[] Groups =
    [
        ("Sign-in", "Get a token, and manage your own."),
        ("Usage", "What was spent, and on which calls."),
        ("Models", "What can be called here, and the similarity of texts."),
        ("Keys", "API keys for programs, each with a limit of its own."),
        ("Web apps", "Allowances for web apps that have no back end."),
        ("Classes", "Budgets for the members of a class."),
        ("People", "For admins: people and their sign-in."),
        ("Settings", "For admins: budgets, providers, prices, routes and more, changed while the gateway runs."),
        ("Administration", "For admins: the state of the gateway."),
        ("Compatibility", "The administration of ai-proxy-cloudflare and of APISIX, for programs that know these."),
    ];

    public static WebApplicationBuilder AddApiDocument(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiDocument>();
        builder.Services.AddOpenApi(ApiDocument.Name, static options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer<ApiOperations>();
            options.AddSchemaTransformer<OptionalProperties>();
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });
        return builder;
    }

    public static IEndpointRouteBuilder MapApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(DocumentPath, static (ApiDocument document) => document.GetAsync()).Undocumented("The document itself.");
        routes.MapScalarApiReference(PagePath, static (options, http) =>
        {
            options.WithTitle("AiPipe API").WithOpenApiRoutePattern(DocumentPath).WithNonce(AllowOwnOrigin(http.Response));
            // Disables everything that the page would load from, or send to, another origin.
            options.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton()
                .ExpandAllTags();
        }).Undocumented("A page.");
        return routes;
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "AiPipe",
            Version = typeof(OpenApiSetup)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            Description = "A gateway to LLM providers with a budget for everyone. These are the endpoints of the gateway itself. "
                + "Calls to models go to /{provider}/… (such as /openai/v1/chat/completions) in the provider's own API.",
        };
        // The page and other readers use the document's own origin.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = Groups.Select(static group => new OpenApiTag { Name = group.Name, Description = group.Description }).ToHashSet();
        document.Components ??= new OpenApiComponents();
        document.AddComponent(Bearer, (IOpenApiSecurityScheme)new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "An AI Pipe token, or an API key (sk-cfw…) where the operation allows keys.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
    }

    /// <summary>Restricts the page to its own origin and to scripts with the returned nonce.</summary>
    private static string AllowOwnOrigin(HttpResponse response)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes));
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return nonce;
    }
}
