using AiPipe.Proxy.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>The longest request body of an endpoint.</summary>
/// <param name="Bytes">Of several limits of an endpoint the last one holds: its own after its group's.</param>
internal sealed record BodyLimit(long Bytes);

internal static class BodyLimitExtensions
{
    /// <summary>
    /// Refuses longer bodies. Kestrel's own limit closes the connection of a client that is still sending, which then cannot read the
    /// error; so it is used only for bodies without a length.
    /// </summary>
    public static TBuilder LimitBody<TBuilder>(this TBuilder endpoint, long bytes) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new BodyLimit(bytes)).AddEndpointFilter(static (context, next) =>
        {
            var http = context.HttpContext;
            var most = http.GetEndpoint()!.Metadata.GetRequiredMetadata<BodyLimit>().Bytes;
            if (http.Request.ContentLength > most) return ValueTask.FromResult<object?>(new RefusalResult(Refusal.BodyTooLarge(most)));
            if (http.Request.ContentLength is null && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = most;
            return next(context);
        });
}
