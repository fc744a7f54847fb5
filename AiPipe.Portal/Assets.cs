using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace AiPipe.Portal;

/// <summary>Serves wwwroot out of the assembly, so that the files are there in whatever process the Portal lives.</summary>
internal static class Assets
{
    private const string Root = "wwwroot/";

    public static void MapAssets(this IEndpointRouteBuilder app)
    {
        var assembly = typeof(Assets).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Root, StringComparison.Ordinal)))
        {
            var asset = Asset.Read(assembly, name);
            app.MapMethods("/" + name[Root.Length..].Replace('\\', '/'), [HttpMethods.Get, HttpMethods.Head], asset.Answer)
                .ExcludeFromDescription();
        }
    }

    private sealed class Asset(byte[] content, string type, EntityTagHeaderValue version)
    {
        private static readonly FileExtensionContentTypeProvider Types = new();

        public static Asset Read(Assembly assembly, string name)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var type = Types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
            if (type.StartsWith("text/", StringComparison.Ordinal)) type += "; charset=utf-8";
            return new Asset(content, type, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\""));
        }

        public IResult Answer(HttpContext http)
        {
            var headers = http.Response.Headers;
            // Asked again each time, answered 304: an upgrade is seen at once and costs a caller no bytes until then.
            headers.CacheControl = "no-cache";
            headers.XContentTypeOptions = "nosniff";
            // Pages of any origin import aipipe.js; there is nothing private in here.
            headers.AccessControlAllowOrigin = "*";
            return Results.Bytes(content, type, entityTag: version);
        }
    }
}
