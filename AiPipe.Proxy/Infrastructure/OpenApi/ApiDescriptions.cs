namespace AiPipe.Proxy.Infrastructure.OpenApi;

/// <summary>What the OpenAPI document says of an endpoint beyond its route and its results.</summary>
internal static class ApiDescriptions
{
    public const string Json = "application/json", Form = "application/x-www-form-urlencoded", Csv = "text/csv", Text = "text/plain";

    /// <summary>
    /// The body that an endpoint reads itself. ASP.NET's own <c>Accepts</c> would also refuse other media types by routing, before the
    /// caller is known.
    /// </summary>
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, Type body, params string[] mediaTypes) where TBuilder
        : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestBody(body, mediaTypes.Length > 0 ? mediaTypes : [Json]));

    /// <summary>A query parameter that an endpoint reads itself.</summary>
    public static TBuilder Query<TBuilder>(this TBuilder endpoint, string name, string description) where TBuilder
        : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new QueryParameter(name, description));

    /// <summary>The response of an endpoint that writes it itself.</summary>
    public static TBuilder Gives<TBuilder>(this TBuilder endpoint, Type body, string mediaType = Json) where TBuilder
        : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, body, [mediaType]));

    /// <summary>Another body that a successful response may have, beside that of the endpoint's type.</summary>
    public static TBuilder AlsoGives<TBuilder>(this TBuilder endpoint, Type body) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OtherResponse(body));

    /// <summary>Callers need no token.</summary>
    public static TBuilder ForEverybody<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new Anonymous());

    /// <summary>Leaves an endpoint out of the document.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why.</param>
    public static TBuilder Undocumented<TBuilder>(this TBuilder endpoint, string reason) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new UndocumentedEndpoint(reason), new ExcludeFromDescriptionAttribute());
}

/// <summary>A body that an endpoint reads itself.</summary>
internal sealed record RequestBody(Type Type, IReadOnlyList<string> MediaTypes);

/// <summary>A query parameter that an endpoint reads itself.</summary>
internal sealed record QueryParameter(string Name, string Description);

/// <summary>Another body that a successful response may have.</summary>
internal sealed record OtherResponse(Type Type);

/// <summary>An endpoint for callers without a token.</summary>
internal sealed record Anonymous;

/// <summary>An endpoint that the OpenAPI document leaves out.</summary>
/// <param name="Reason">Why.</param>
internal sealed record UndocumentedEndpoint(string Reason);
