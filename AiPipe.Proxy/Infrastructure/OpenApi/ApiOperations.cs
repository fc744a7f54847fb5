using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AiPipe.Proxy.Infrastructure.OpenApi;

internal sealed class ApiOperations : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var query in metadata.OfType<QueryParameter>())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = query.Name,
                In = ParameterLocation.Query,
                Description = query.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
        var bodies = metadata.OfType<RequestBody>().ToList();
        if (bodies.Count > 0)
        {
            var content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
            foreach (var (type, mediaType) in bodies.SelectMany(static body => body.MediaTypes.Select(mediaType => (body.Type, mediaType))))
                content[mediaType] = await MediaTypeOfAsync(type, context, cancellationToken);
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
        }
        operation.Responses ??= [];
        if (metadata.OfType<OtherResponse>().FirstOrDefault() is { } other
            && operation.Responses.TryGetValue("200", out var success)
            && success.Content?.TryGetValue(ApiDescriptions.Json, out var usual) == true)
        {
            var second = await MediaTypeOfAsync(other.Type, context, cancellationToken);
            usual.Schema = new OpenApiSchema { OneOf = [usual.Schema!, second.Schema!] };
        }
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Any error. error.code is one of the documented codes; error.param names the field that it is about, if any.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ApiDescriptions.Json] = await MediaTypeOfAsync(typeof(ErrorResponse), context, cancellationToken),
            },
        };
        // An empty list removes the document's requirement.
        if (metadata.OfType<Anonymous>().Any()) operation.Security = [];
    }

    private static async Task<OpenApiMediaType> MediaTypeOfAsync(Type type, OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
        if (type.Assembly != typeof(ErrorResponse).Assembly) return new OpenApiMediaType { Schema = schema };
        context.Document!.AddComponent(type.Name, schema);
        return new OpenApiMediaType { Schema = new OpenApiSchemaReference(type.Name, context.Document) };
    }
}
