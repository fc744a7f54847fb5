using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AiPipe.Proxy.Infrastructure.OpenApi;

/// <summary>Makes nullable properties optional: responses omit them, but the generator requires constructor parameters.</summary>
internal sealed class OptionalProperties : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (schema.Required is not { Count: > 0 } || schema.Properties is null) return Task.CompletedTask;
        foreach (var (name, property) in schema.Properties)
            if (IsNullable(property)) schema.Required.Remove(name);
        foreach (var property in context.JsonTypeInfo.Properties)
            if (property.PropertyType == typeof(JsonElement)) schema.Required.Remove(property.Name);
        return Task.CompletedTask;
    }

    private static bool IsNullable(IOpenApiSchema schema) =>
        schema.Type?.HasFlag(JsonSchemaType.Null) == true || schema.OneOf?.Any(static one => one.Type == JsonSchemaType.Null) == true;
}
