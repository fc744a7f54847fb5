using System.Globalization;
using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Accounts.Apps;

/// <summary>How a web app wants the response.</summary>
/// <param name="InFragment">In the fragment rather than in the query.</param>
/// <param name="State">Returned unchanged, to match the request.</param>
/// <param name="Challenge">With one, the app gets a code to exchange; otherwise its token.</param>
internal sealed record AppReturn(RedirectAddress To, bool InFragment, string? State, string? Challenge)
{
    private const string Token = "aipipe_token";
    private const string Email = "aipipe_email";
    private const int MaxStateLength = 1024;

    public static (AppReturn? Return, Refusal? Refusal) Read(AuthorizationRequest question, IReadOnlySet<string> own)
    {
        if (RedirectAddress.Read(question.Redirect, own, out var problem) is not { } to) return (null, Refusal.RedirectRefused(problem));
        var refusal = question switch
        {
            { ResponseMode: not (null or "query" or "fragment") } =>
                Refusal.InvalidRequest("The parameter \"response_mode\" must be query or fragment.", "response_mode"),
            { State.Length: > MaxStateLength } => Refusal.InvalidRequest("The parameter \"state\" is too long.", "state"),
            { CodeChallenge: null, CodeChallengeMethod: null } => null,
            { CodeChallengeMethod: not CodeChallenge.Method } =>
                Refusal.InvalidRequest("The parameter \"code_challenge_method\" must be S256.", "code_challenge_method"),
            { CodeChallenge: { } challenge } when CodeChallenge.IsUsable(challenge) => null,
            _ => Refusal.InvalidRequest(
                "The parameter \"code_challenge\" must be the SHA-256 of the verifier in base64url.", "code_challenge"),
        };
        return refusal is null
            ? (new AppReturn(to, question.ResponseMode == "fragment", question.State, question.CodeChallenge), null) : (null, refusal);
    }

    public string WithToken(string token, string email) => With((Token, token), (Email, email));

    public string WithCode(string code) => With(("code", code));

    /// <summary>The person declined (RFC 6749 §4.1.2.1).</summary>
    public string Denied() => With(("error", "access_denied"));

    private string With(params IEnumerable<(string Name, string Value)> answer) =>
        To.With([.. answer, .. State is null ? [] : (IEnumerable<(string, string)>)[("state", State)]], InFragment, Token, Email);
}

internal sealed record AuthorizationRequest
{
    public string? Redirect { get; init; }
    public string? ResponseMode { get; init; }
    public string? State { get; init; }
    public string? CodeChallenge { get; init; }
    public string? CodeChallengeMethod { get; init; }
    public decimal? Limit { get; init; }
    public int? Days { get; init; }

    /// <summary>Reads a request from a query. Amounts are proposals: an invalid one is ignored.</summary>
    public static AuthorizationRequest FromQuery(IQueryCollection query) => new()
    {
        Redirect = query["redirect"],
        ResponseMode = query["response_mode"],
        State = query["state"],
        CodeChallenge = query["code_challenge"],
        CodeChallengeMethod = query["code_challenge_method"],
        Limit = decimal.TryParse(query["limit"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit)
            ? limit : null,
        Days = int.TryParse(query["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : null,
    };

    public static AuthorizationRequest From(GrantRequest request) => new()
    {
        Redirect = request.Redirect,
        ResponseMode = request.ResponseMode,
        State = request.State,
        CodeChallenge = request.CodeChallenge,
        CodeChallengeMethod = request.CodeChallengeMethod,
        Limit = request.Limit,
        Days = request.Days,
    };
}
