using System.Text.Json;
using System.Text.Json.Nodes;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.OpenApi;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.Proxy.Routing;
using AiPipe.Proxy.Settings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiPipe.Proxy.Compatibility.Apisix;

/// <summary><c>/apisix/admin/routes</c>: APISIX's Admin API, limited to routes to models.</summary>
internal static class ApisixEndpoints
{
    private const string Path = "/apisix/admin/routes";
    private const int MaxBodyBytes = SettingDocument.MaxBytes;

    internal static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = ApisixReader.MaxDepth };

    public static IHostApplicationBuilder AddApisix(this IHostApplicationBuilder builder)
    {
        // Created now, so that a guessable key stops the start.
        builder.Services.AddSingleton(new ApisixAdminKey(builder.Configuration, builder.Environment)).AddSingleton<ApisixAdmins>()
            .AddScoped<ApisixRoutes>();
        return builder;
    }

    public static IEndpointRouteBuilder MapApisix(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Path).AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            var (who, refusal) = await http.RequestServices.GetRequiredService<ApisixAdmins>().IdentifyAsync(http);
            if (who is null) return new RefusalResult(refusal!);
            http.Features.Set(who);
            return await next(context);
        }).LimitBody(MaxBodyBytes).WithTags("Compatibility");
        // The bodies are those of APISIX's Admin API, which its documentation describes.
        group.MapGet("", (Delegate)ListAsync).WithSummary("List routes (APISIX Admin API)").Gives(typeof(JsonObject));
        group.MapPost("", (HttpContext http, CancellationToken token) => PutAsync(http, Guid.CreateVersion7().ToString("N"), token))
            .WithSummary("Create a route with a new id (APISIX Admin API)").Takes(typeof(JsonObject)).Gives(typeof(JsonObject));
        group.MapGet("/{id}", GetAsync).WithSummary("Read a route (APISIX Admin API)").Gives(typeof(JsonObject));
        group.MapPut("/{id}", PutAsync).WithSummary("Create or replace a route (APISIX Admin API)").Takes(typeof(JsonObject))
            .Gives(typeof(JsonObject));
        group.MapPatch("/{id}", PatchAsync).WithSummary("Change parts of a route (APISIX Admin API)").Takes(typeof(JsonObject))
            .Gives(typeof(JsonObject));
        group.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a route (APISIX Admin API)").Gives(typeof(JsonObject));
        return routes.MapUnmatched("apisix");
    }

    private static async Task<JsonHttpResult<JsonObject>> ListAsync(HttpContext http)
    {
        var all = await http.QueryWithTimeoutAsync((ApisixRoutes routes, CancellationToken token) => routes.ReadAsync(token));
        return Json(new JsonObject
        {
            ["total"] = all.Count,
            ["list"] = new JsonArray([.. all.Select(route => ApisixWriter.Entry(route.Id, route.Document))])
        });
    }

    private static async Task<Results<JsonHttpResult<JsonObject>, RefusalResult>> GetAsync(HttpContext http, string id)
    {
        var route = await http.QueryWithTimeoutAsync((ApisixRoutes routes, CancellationToken token) => routes.FindAsync(id, token));
        return route is null ? new RefusalResult(Refusal.NotFound(ApisixWriter.KeyOf(id))) : Json(ApisixWriter.Entry(id, route));
    }

    private static async Task<Results<JsonHttpResult<JsonObject>, RefusalResult>> PutAsync(
        HttpContext http, string id, CancellationToken cancellationToken)
    {
        var (json, wrong) = await ReadAsync(http, cancellationToken);
        return wrong is null ? await MakeAsync(http, id, (routes, who, token) => routes.PutAsync(id, json, who, token))
            : new RefusalResult(wrong);
    }

    /// <summary>Merges the body into the route (<see cref="MergePatch"/>).</summary>
    private static async Task<Results<JsonHttpResult<JsonObject>, RefusalResult>> PatchAsync(
        HttpContext http, string id, CancellationToken cancellationToken)
    {
        var (json, wrong) = await ReadAsync(http, cancellationToken);
        if (wrong is not null) return new RefusalResult(wrong);
        if (json.ValueKind != JsonValueKind.Object) return new RefusalResult(
            Refusal.InvalidRequest("A change of a route must be a JSON object."));
        JsonObject change;
        try
        {
            // A round trip, so that nothing in it can fail later.
            change = (JsonObject)JsonNode.Parse(JsonObject.Create(json)!.ToJsonString(), documentOptions: Strict)!;
        }
        catch (InvalidOperationException)
        {
            return new RefusalResult(Refusal.BadJson("a text in it is not valid Unicode."));
        }
        return await MakeAsync(http, id, (routes, who, token) => routes.PatchAsync(id, change, who, token));
    }

    private static async Task<Results<JsonHttpResult<JsonObject>, RefusalResult>> MakeAsync(
        HttpContext http, string id, Func<ApisixRoutes, ChangedBy, CancellationToken,
            Task<(SettingNode? Document, bool IsNew, Refusal? Refusal)>> make)
    {
        if (!RoutePath.IsId(id)) return new RefusalResult(
            Refusal.InvalidRequest("id: must be 1 to 64 letters, digits, dots, dashes and underscores."));
        var who = http.Features.Get<ChangedBy>()!;
        var (document, isNew, refusal) =
            await http.QueryWithTimeoutAsync((ApisixRoutes routes, CancellationToken token) => make(routes, who, token));
        if (refusal is not null) return new RefusalResult(refusal);
        return document is null
            ? new RefusalResult(Refusal.NotFound(ApisixWriter.KeyOf(id)))
            : Json(ApisixWriter.Entry(id, document), isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<Results<JsonHttpResult<JsonObject>, RefusalResult>> DeleteAsync(HttpContext http, string id)
    {
        var who = http.Features.Get<ChangedBy>()!;
        var refusal = await http.QueryWithTimeoutAsync(
            (ApisixRoutes routes, CancellationToken token) => routes.DeleteAsync(id, who, token));
        return refusal is null ? Json(new JsonObject { ["key"] = ApisixWriter.KeyOf(id), ["deleted"] = "1" }) : new RefusalResult(refusal);
    }

    /// <summary>Reads the body whatever its media type: <c>curl -d</c> declares a form.</summary>
    private static async Task<(JsonElement Json, Refusal? Refusal)> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, Strict, cancellationToken);
            return (document.RootElement.Clone(), null);
        }
        // InvalidOperationException: the reader's error for an unpaired surrogate in a name, when it looks for repeated names.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (default, Refusal.BadJson("a route is one JSON object, in which no name stands twice."));
        }
    }

    private static JsonHttpResult<JsonObject> Json(JsonObject json, int status = StatusCodes.Status200OK) =>
        TypedResults.Json(json, ApisixJson.Default.JsonObject, statusCode: status);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true)]
internal sealed partial class ApisixJson : System.Text.Json.Serialization.JsonSerializerContext;
