namespace AiPipe.Portal.Gateway;

/// <summary>The gateway refused a request, or did not respond.</summary>
/// <param name="status">HTTP status; 502 when it did not respond.</param>
/// <param name="code">The gateway's error code, one of the list in docs/use.md.</param>
/// <param name="message">What happened and what to do, for the person.</param>
/// <param name="param">The field of the request that the error is about, as the API names it; <c>null</c> = none.</param>
internal sealed class GatewayException(int status, string code, string message, string? param = null) : Exception(message)
{
    public int Status { get; } = status;
    public string Code { get; } = code;
    public string? Param { get; } = param;

    /// <summary>The token is missing or rejected. A wrong password is not meant.</summary>
    public bool RequiresSignIn => Status == StatusCodes.Status401Unauthorized && Code != "credentials_wrong";

    public static GatewayException Unreachable() => new(
        StatusCodes.Status502BadGateway, "gateway_unreachable",
        "The gateway does not respond. Try again in a moment. If this continues, tell an administrator.");
}
