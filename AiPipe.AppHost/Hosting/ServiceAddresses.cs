namespace AiPipe.AppHost.Hosting;

/// <summary>The endpoints of the services, and their names in the dashboard.</summary>
internal static class ServiceAddresses
{
    private const string Http = "http";

    /// <summary>Sets the endpoint's port, and adds an endpoint for each further port. If empty, the orchestrator chooses one.</summary>
    public static IResourceBuilder<ProjectResource> WithPorts(this IResourceBuilder<ProjectResource> project, IReadOnlyList<int> ports)
    {
        project.WithEndpoint(Http, endpoint => endpoint.Port = ports.Count > 0 ? ports[0] : null);
        foreach (var port in ports.Skip(1)) project.WithHttpEndpoint(port, name: $"{Http}-{port}");
        return project;
    }

    /// <summary>Adds the liveness and the readiness probe of the service.</summary>
    public static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> project) => project
        .WithHttpProbe(ProbeType.Liveness, "/alive", endpointName: Http).WithHttpProbe(ProbeType.Readiness, "/health", endpointName: Http);

    /// <summary>Adds links to the pages to the dashboard.</summary>
    public static IResourceBuilder<ProjectResource> WithNamedUrls(this IResourceBuilder<ProjectResource> proxy) => proxy
        .WithUrlForEndpoint(Http, static url => url.DisplayText = "AiPipe")
        .WithUrlForEndpoint(Http, static _ => new ResourceUrlAnnotation { Url = "/console", DisplayText = "Console" })
        .WithUrlForEndpoint(Http, static _ => new ResourceUrlAnnotation { Url = "/playground", DisplayText = "Playground" });
}
