namespace AiPipe.AppHost.Hosting;

/// <summary>Where services listen, and how the dashboard names it.</summary>
internal static class ServiceAddresses
{
    private const string Http = "http";

    /// <summary>Gives the service's endpoint a port, and further endpoints further ones; without any, the orchestrator chooses.</summary>
    public static IResourceBuilder<ProjectResource> WithPorts(this IResourceBuilder<ProjectResource> project, IReadOnlyList<int> ports)
    {
        project.WithEndpoint(Http, endpoint => endpoint.Port = ports.Count > 0 ? ports[0] : null);
        foreach (var port in ports.Skip(1)) project.WithHttpEndpoint(port, name: $"{Http}-{port}");
        return project;
    }

    /// <summary>Says where the service reports that it is alive, and that it is ready for calls.</summary>
    public static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> project) => project
        .WithHttpProbe(ProbeType.Liveness, "/alive", endpointName: Http).WithHttpProbe(ProbeType.Readiness, "/health", endpointName: Http);

    /// <summary>Names the pages that people open.</summary>
    public static IResourceBuilder<ProjectResource> WithNamedUrls(this IResourceBuilder<ProjectResource> proxy) => proxy
        .WithUrlForEndpoint(Http, static url => url.DisplayText = "AiPipe")
        .WithUrlForEndpoint(Http, static _ => new ResourceUrlAnnotation { Url = "/console", DisplayText = "Console" })
        .WithUrlForEndpoint(Http, static _ => new ResourceUrlAnnotation { Url = "/playground", DisplayText = "Playground" });
}
