namespace AiPipe.AppHost.Hosting;

/// <summary>The proxy's addresses as the dashboard lists them.</summary>
internal static class NamedUrls
{
    /// <summary>Names the pages that people open.</summary>
    public static IResourceBuilder<ProjectResource> WithNamedUrls(this IResourceBuilder<ProjectResource> proxy) => proxy
        .WithUrlForEndpoint("http", static url => url.DisplayText = "AiPipe")
        .WithUrlForEndpoint("http", static _ => new ResourceUrlAnnotation { Url = "/console", DisplayText = "Console" })
        .WithUrlForEndpoint("http", static _ => new ResourceUrlAnnotation { Url = "/playground", DisplayText = "Playground" });
}
