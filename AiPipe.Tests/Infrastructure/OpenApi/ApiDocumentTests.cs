using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AiPipe.Tests.Infrastructure.OpenApi;

/// <summary>The OpenAPI document says what there is: no more, no less.</summary>
public sealed class ApiDocumentTests(PostgresFixture postgres, SharedGateway shared) : GatewayTest(postgres, shared),
    IClassFixture<SharedGateway>
{
    private const string Path = "/openapi/v1.json";

    /// <summary>What a reader of the document has no use for.</summary>
    private static readonly Dictionary<string, string> LeftOut = new(StringComparer.Ordinal)
    {
        ["openapi/v1.json"] = "the document itself",
        ["docs/api/{documentName?}"] = "the page that shows it",
        ["docs/api/scalar.js"] = "a script of that page",
        ["docs/api/scalar.aspnetcore.js"] = "a script of that page",
        ["docs/api/favicon.svg"] = "the icon of that page",
        ["proxy/{**url}"] = "any method, and the response is that of the page that is fetched",
        ["robots.txt"] = "for crawlers",
        ["favicon.ico"] = "for browsers",
        [".well-known/change-password"] = "for password managers",
        ["health"] = "plain text for load balancers",
        ["alive"] = "plain text for load balancers",
    };

    private static readonly string[] Verbs = ["get", "put", "post", "delete", "patch"];

    [Fact]
    public async Task Every_endpoint_stands_in_it_and_nothing_else()
    {
        var documented = (await OperationsAsync()).Select(static operation => $"{operation.Method} {operation.Path.Trim('/')}");
        // OpenAPI has no parameters of several segments.
        var mapped = Endpoints().Where(static endpoint => !LeftOut.ContainsKey(PatternOf(endpoint)))
            .SelectMany(static endpoint => MethodsOf(endpoint)
                .Select(method => $"{method} {PatternOf(endpoint).Replace("{**", "{", StringComparison.Ordinal)}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
        Assert.Equal(LeftOut.Keys.Order(StringComparer.Ordinal), Endpoints().Select(PatternOf).Where(LeftOut.ContainsKey).Distinct()
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_has_a_summary_its_bodies_and_the_one_form_of_errors()
    {
        var bodies = Endpoints().Where(static endpoint => endpoint.Metadata.GetMetadata<RequestBody>() is not null)
            .SelectMany(static endpoint => MethodsOf(endpoint).Select(method => $"{method} {PatternOf(endpoint)}"))
            .ToHashSet(StringComparer.Ordinal);
        var groups = (await DocumentAsync()).GetProperty("tags").EnumerateArray().Select(static tag => tag.GetProperty("name").GetString())
            .ToHashSet();
        foreach (var (method, path, operation) in await OperationsAsync())
        {
            var name = $"{method} {path.Trim('/')}";
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()), name);
            Assert.Contains(Assert.Single(operation.GetProperty("tags").EnumerateArray()).GetString(), groups);
            var responses = operation.GetProperty("responses");
            Assert.Equal("#/components/schemas/ErrorResponse", SchemaOf(responses.GetProperty("default")).GetProperty("$ref").GetString());
            var success = responses.EnumerateObject().Where(static response => response.Name.StartsWith('2')).ToList();
            Assert.NotEmpty(success);
            Assert.All(success, response => Assert.True(response.Name == "204" || SchemaOf(response.Value).EnumerateObject().Any(), name));
            Assert.Equal(bodies.Contains(name), operation.TryGetProperty("requestBody", out var body));
            if (body.ValueKind == JsonValueKind.Object) Assert.NotEmpty(SchemaOf(body).EnumerateObject());
        }
    }

    [Fact]
    public async Task Bodies_are_written_as_they_are_on_the_wire_and_every_reference_leads_somewhere()
    {
        var document = await DocumentAsync();
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["name", "limit", "days", "period", "expires_in_days"], Names(schemas.GetProperty("KeyRequest")));
        Assert.Equal(["error", "message"], Names(schemas.GetProperty("ErrorResponse")));
        Assert.Contains("param", Names(schemas.GetProperty("ErrorResponse").GetProperty("properties").GetProperty("error")));
        // What is null is left out, so nothing that may be null is required.
        Assert.Equal(["calls"], schemas.GetProperty("CallList").GetProperty("required").EnumerateArray()
            .Select(static name => name.GetString()));
        Assert.DoesNotContain("value", schemas.GetProperty("SettingRequest").ToString().Split("properties")[0], StringComparison.Ordinal);
        Assert.All(References(document), reference =>
            Assert.True(schemas.TryGetProperty(reference["#/components/schemas/".Length..], out _), reference));

        static IEnumerable<string> Names(JsonElement schema) => schema.GetProperty("properties").EnumerateObject()
            .Select(static property => property.Name);
    }

    [Fact]
    public async Task It_is_for_everybody_and_is_not_sent_again_to_those_who_have_it()
    {
        using var first = await Gateway.Http.GetAsync(new Uri(Path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var again = new HttpRequestMessage(HttpMethod.Get, Path);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await Gateway.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    /// <summary>A wrong method is told by routing, for every endpoint, in the one form of errors.</summary>
    [Fact]
    public async Task Every_path_names_its_methods_to_who_uses_another_one()
    {
        var paths = (await OperationsAsync())
            .Where(static operation => !operation.Path.StartsWith("/ACCESS_TOKEN", StringComparison.Ordinal))
            .GroupBy(static operation => operation.Path);
        foreach (var path in paths)
        {
            var methods = path.Select(static operation => operation.Method).ToList();
            using var request = new HttpRequestMessage(HttpMethod.Trace, System.Text.RegularExpressions.Regex.Replace(path.Key, @"\{\w+\}",
                "x", default, TimeSpan.FromSeconds(1)));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Gateway.Token("admin@example.com"));
            using var response = await Gateway.Http.SendAsync(request);
            Assert.Equal((path.Key, HttpStatusCode.MethodNotAllowed), (path.Key, response.StatusCode));
            Assert.Equal("method_not_allowed", await response.CodeAsync());
            // Where a path has a name and an id in the same place, the methods of both.
            Assert.Empty(methods.Except(response.Content.Headers.Allow, StringComparer.OrdinalIgnoreCase));
        }
    }

    private IEnumerable<RouteEndpoint> Endpoints() => Gateway.Services.GetRequiredService<EndpointDataSource>()
        .Endpoints.OfType<RouteEndpoint>();

    private static string PatternOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Trim('/');

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(static method => method.ToLowerInvariant()) ?? ["any"];

    private async Task<JsonElement> DocumentAsync()
    {
        using var response = await Gateway.Http.GetAsync(new Uri(Path, UriKind.Relative));
        return await response.JsonAsync();
    }

    private async Task<List<(string Method, string Path, JsonElement Operation)>> OperationsAsync() =>
    [
        .. (await DocumentAsync()).GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject()
            .Where(static operation => Verbs.Contains(operation.Name)).Select(operation => (operation.Name, path.Name, operation.Value))),
    ];

    private static JsonElement SchemaOf(JsonElement body) => body.GetProperty("content").EnumerateObject().First()
        .Value.GetProperty("schema");

    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject()
            .SelectMany(static field => field.Name == "$ref" ? [field.Value.GetString()!] : References(field.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
