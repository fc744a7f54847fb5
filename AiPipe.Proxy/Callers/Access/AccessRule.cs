using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>What the people that a name stands for may call. A list that is not there allows everything.</summary>
internal sealed record AccessRule
{
    /// <summary>Endpoints, of whatever provider.</summary>
    public IReadOnlyList<EndpointPattern>? Endpoints { get; init; }

    /// <summary>Models, each under every name that it has.</summary>
    public IReadOnlyList<AllowedModel>? Models { get; init; }

    /// <summary>Answers may be streams.</summary>
    public bool Streaming { get; init; } = true;
}

/// <summary>One or more endpoints: <c>POST /openai/v1/embeddings</c>, <c>GET /openai/v1/models*</c>, <c>* /gemini/*</c>.</summary>
/// <param name="Method">In capitals; <c>*</c> = any.</param>
/// <param name="Provider">The provider's own name.</param>
/// <param name="Path">The path below the provider's name; a last <c>*</c> stands for any ending.</param>
internal sealed record EndpointPattern(string Method, string Provider, string Path)
{
    public bool Covers(string method, string provider, ReadOnlySpan<char> path) =>
        (Method == "*" || Method == method)
        && Provider.Equals(provider, StringComparison.OrdinalIgnoreCase)
        && (Path.EndsWith('*') ? path.StartsWith(Path.AsSpan(..^1), StringComparison.Ordinal) : path.SequenceEqual(Path));

    public override string ToString() => $"{Method} /{Provider}{Path}";
}

/// <summary>One or more models.</summary>
/// <param name="Written">As the operator wrote it.</param>
/// <param name="Name">What it covers: the same as in budgets.</param>
internal sealed record AllowedModel(string Written, ModelName Name);
