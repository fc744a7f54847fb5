using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace AiPipe.Portal;

/// <summary>Serves wwwroot from the assembly, because the Portal may run inside another application's process.</summary>
internal static class Assets
{
    private const string Root = "wwwroot/";

    public static void MapAssets(this IEndpointRouteBuilder app)
    {
        var assembly = typeof(Assets).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Root, StringComparison.Ordinal)))
        {
            var asset = Asset.Read(assembly, name);
            app.MapMethods("/" + name[Root.Length..].Replace('\\', '/'), [HttpMethods.Get, HttpMethods.Head], asset.Write)
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
            var hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
            return new Asset(content, type, new EntityTagHeaderValue($"\"{hash}\""));
        }

        public FileContentHttpResult Write(HttpContext http)
        {
            var headers = http.Response.Headers;
            // Browsers revalidate each time (304), so that an upgrade takes effect at once.
            headers.CacheControl = "no-cache";
            headers.XContentTypeOptions = "nosniff";
            // Pages of any origin import aipipe.js; none of these files is private.
            headers.AccessControlAllowOrigin = "*";
            return TypedResults.Bytes(content, type, entityTag: version);
        }
    }
}
