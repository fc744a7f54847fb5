namespace AiPipe.Proxy.Infrastructure.OpenApi;

/// <summary>Metadata for the OpenAPI document. ASP.NET's <c>Accepts</c> would also reject media types before authentication.</summary>
internal static class ApiDescriptions
{
    public const string Json = "application/json", Form = "application/x-www-form-urlencoded", Csv = "text/csv", Text = "text/plain";

    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, Type body, params string[] mediaTypes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestBody(body, mediaTypes.Length > 0 ? mediaTypes : [Json]));

    public static TBuilder Query<TBuilder>(this TBuilder endpoint, string name, string description)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new QueryParameter(name, description));

    public static TBuilder Gives<TBuilder>(this TBuilder endpoint, Type body, string mediaType = Json)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, body, [mediaType]));

    public static TBuilder AlsoGives<TBuilder>(this TBuilder endpoint, Type body) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OtherResponse(body));

    public static TBuilder ForEverybody<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new Anonymous());

    public static TBuilder Undocumented<TBuilder>(this TBuilder endpoint, string reason) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new UndocumentedEndpoint(reason), new ExcludeFromDescriptionAttribute());
}

internal sealed record RequestBody(Type Type, IReadOnlyList<string> MediaTypes);

internal sealed record QueryParameter(string Name, string Description);

internal sealed record OtherResponse(Type Type);

internal sealed record Anonymous;

internal sealed record UndocumentedEndpoint(string Reason);
