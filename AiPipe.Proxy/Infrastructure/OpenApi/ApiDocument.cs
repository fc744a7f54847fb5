using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace AiPipe.Proxy.Infrastructure.OpenApi;

/// <summary>The OpenAPI document of this API, generated once for the first request.</summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    private readonly Lazy<Task<(byte[] Json, EntityTagHeaderValue Tag)>> _made = new(() => MakeAsync(provider));

    public async Task<FileContentHttpResult> GetAsync()
    {
        var (json, tag) = await _made.Value;
        return TypedResults.Bytes(json, ApiDescriptions.Json, entityTag: tag);
    }

    private static async Task<(byte[] Json, EntityTagHeaderValue Tag)> MakeAsync(IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        var bytes = json.ToArray();
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\""));
    }
}
