namespace AiPipe.Portal.Gateway;

/// <summary>The gateway said no, or could not be asked.</summary>
/// <param name="status">HTTP status; 502 when it could not be asked.</param>
/// <param name="code">The gateway's name for it, as its README lists them.</param>
/// <param name="message">What went wrong and what to do, for the person.</param>
/// <param name="param">The field of the request that it is about, as the API names it; <c>null</c> = none.</param>
internal sealed class GatewayException(int status, string code, string message, string? param = null) : Exception(message)
{
    public int Status { get; } = status;
    public string Code { get; } = code;
    public string? Param { get; } = param;

    /// <summary>The person must sign in (again): not that what they typed was wrong.</summary>
    public bool RequiresSignIn => Status == StatusCodes.Status401Unauthorized && Code != "credentials_wrong";

    public static GatewayException Unreachable() =>
        new(StatusCodes.Status502BadGateway, "gateway_unreachable", "The gateway does not answer. Try again in a moment; if it stays so, tell the administrator.");
}
