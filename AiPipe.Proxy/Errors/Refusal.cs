using System.Globalization;

namespace AiPipe.Proxy.Errors;

/// <summary>An error response. This file has every error that AiPipe itself returns; only <c>RefusalWriter</c> writes them.</summary>
/// <param name="Code">The machine-readable code, listed in docs/use.md.</param>
/// <param name="Message">What went wrong and what to do next. Never contains a secret.</param>
internal sealed record Refusal(int Status, string Code, string Message)
{
    /// <summary>The field or parameter that caused the refusal, as callers write it: <c>limit</c>, <c>members[3].email</c>.</summary>
    public string? Param { get; init; }

    /// <summary>The error's type, if it is not that of the status: the code's name in earlier versions.</summary>
    public string? Type { get; init; }

    /// <summary>When a retry may succeed; <c>null</c> if waiting does not help, or if it is not known how long.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public long? RetryAfterSeconds => RetryAfter is { } wait ? Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)) : null;

    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>USD: the maximum cost of the request, even with the shortest response.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>USD: what is left of the budget that the request does not fit.</summary>
    public decimal? Remaining { get; init; }

    public static Refusal BadJson(string detail, string? param = null) =>
        new(400, "bad_json", $"The body is not valid JSON: {detail}") { Param = param };
    public static Refusal InvalidRequest(string message, string? param = null) => new(400, "invalid_request", message) { Param = param };
    /// <summary>Its first words are those of the original AI Pipe.</summary>
    public static Refusal JsonExpected() => new(400, "json_expected",
        "Pass a JSON body with the header Content-Type: application/json, so that the cost of the call can be calculated.");
    public static Refusal ModelMissing() => new(400, "model_missing", "The request names no model.") { Param = "model" };
    public static Refusal DuplicateField(string name) =>
        new(400, "duplicate_field",
            $"Duplicate field \"{name}\" is ambiguous. Send it once.")
        { Param = name };
    public static Refusal UnsupportedField(string message, string? param = null) =>
        new(400, "unsupported_field", message) { Param = param };
    public static Refusal ModelPriceUnknown(string model) =>
        new(400, "model_price_unknown", $"Model {model} pricing unknown") { Param = "model" };

    public static Refusal RedirectRefused(string why) =>
        new(400, "redirect_refused", $"The redirect address cannot be used: {why}.") { Param = "redirect" };
    public static Refusal InvalidGrant(string why, string param = "code") =>
        new(400, "invalid_grant", $"The code cannot be exchanged: {why}.") { Param = param };
    public static Refusal UnsupportedGrantType() =>
        new(400, "unsupported_grant_type", "The parameter \"grant_type\" must be authorization_code.") { Param = "grant_type" };

    public static Refusal TokenMissing() =>
        new(401, "token_missing", "Missing Authorization: Bearer token");
    public static Refusal TokenInvalid(string why) => new(401, "token_invalid", $"The token is invalid: {why}.");
    public static Refusal TokenExpired() => new(401, "token_expired", "The token has expired. Sign in again for a new one.");
    public static Refusal KeyExpired() => new(401, "key_expired", "The API key has expired. Make a new one.");
    public static Refusal TokenRevoked() => new(401, "token_revoked", "The token is no longer valid. Sign in again for a new one.");
    public static Refusal OwnKeyRefused() =>
        new(401, "own_key_refused", "Your own provider key (BYOK) cannot be used here. Use an AIPipe JWT token.");

    /// <summary>One message for every cause, so that it does not reveal which accounts exist.</summary>
    public static Refusal CredentialsWrong(string what) => new(401, "credentials_wrong", $"{what} is wrong.");

    public static Refusal SignInAgain() => new(403, "sign_in_again",
        "A first password needs a sign-in by link or Google in the last 15 minutes. Sign in again, then set it.");
    public static Refusal AccountDisabled() =>
        new(403, "account_disabled", "This account is disabled. Ask the administrator.");
    public static Refusal AdminOnly() => new(403, "admin_only", "Admin access required");
    public static Refusal TeacherOnly() => new(403, "teacher_only", "Only teachers may do this. An administrator can make you one.");
    public static Refusal AppTokenRefused() =>
        new(403, "app_token_refused", "This token was made for a web app, which may not do this. Use your own token.");
    public static Refusal ApiKeyRefused() =>
        new(403, "api_key_refused", "An API key may call models and see what was called with it, nothing else. Use your own token.");
    public static Refusal EndpointNotMetered(string path, string allowed) =>
        new(403, "endpoint_not_metered", $"{path} is not metered, so it cannot be used with our key. These can: {allowed}");
    public static Refusal EndpointNotAllowed(string endpoint, string allowed) =>
        new(403, "endpoint_not_allowed", $"{endpoint} is not allowed for you. These are: {allowed}");
    public static Refusal ModelNotAllowed(string message) => new(403, "model_not_allowed", message) { Param = "model" };
    public static Refusal StreamingNotAllowed() =>
        new(403, "streaming_not_allowed",
            "Streaming is not allowed for your account. Send the request without \"stream\".")
        { Param = "stream" };
    public static Refusal ReferenceNotYours(string field) =>
        new(403, "reference_not_yours",
            $"The field \"{field}\" refers to a stored object that is not yours. With our key, a request can refer only to "
                + "responses of the same person, app or API key; send other content in the request itself.")
        { Param = field };
    public static Refusal HostNotAllowed() =>
        new(403, "host_not_allowed", "X-Host-Final names no host that an administrator has added here.");
    public static Refusal AddressNotPublic(string host) =>
        new(403, "address_not_public", $"{host} is not a public address.");
    public static Refusal DomainNotAllowed(string domain) =>
        new(403, "domain_not_allowed", $"Addresses at {domain} cannot sign in here.");

    public static Refusal UnknownProvider(string name) => new(404, "unknown_provider", $"Unknown provider: {name}");
    public static Refusal NotFound(string path) => new(404, "not_found", $"There is nothing at {path}.");
    public static Refusal JoinCodeWrong() =>
        new(404, "join_code_wrong", "No class has this code, or it is over. Ask the teacher for the code.") { Param = "code" };
    public static Refusal MethodNotAllowed(string allowed, string path) => new(405, "method_not_allowed", $"Use {Or(allowed)} {path}");
    public static Refusal ChangedMeanwhile(string what, string? who) =>
        new(409, "changed_meanwhile",
            $"{what} was changed meanwhile{(who is null ? "" : $" by {who}")}. Look at it again before you change it.");
    public static Refusal UserExists(string user) =>
        new(409, "user_exists", $"{user} has a key already. Reset it for a new one.");
    public static Refusal TooManyKeys(int most) => new(409, "too_many_keys",
        string.Create(CultureInfo.InvariantCulture,
            $"You can have {most} API keys at most. Delete one that you no longer need."));
    public static Refusal BodyTooLarge(long limit) => new(413, "body_too_large",
        string.Create(CultureInfo.InvariantCulture, $"The body is larger than {limit} bytes, the most that is accepted."));
    public static Refusal UnsupportedMediaType(string expected) =>
        new(415, "unsupported_media_type", $"The body must be {expected}.");
    public static Refusal UnsupportedEncoding(string coding, string known) =>
        new(415, "unsupported_encoding", $"The Content-Encoding \"{coding}\" is not supported. Use {known}, or send the body as it is.");

    public static Refusal BudgetSpent(string message, DateTimeOffset resetsAt, TimeSpan retryAfter) =>
        new(429, "budget_spent", message) { ResetsAt = resetsAt, RetryAfter = retryAfter };
    /// <param name="remaining">USD, below <paramref name="maxCost"/>.</param>
    public static Refusal ReservationTooLarge(string message, decimal maxCost, decimal remaining) =>
        new(429, "reservation_too_large", message) { MaxCost = maxCost, Remaining = remaining };
    public static Refusal BudgetReserved(TimeSpan retryAfter) =>
        new(429, "budget_reserved",
            "The rest of the budget is reserved for running calls. Try again when one of them has ended.")
        { RetryAfter = retryAfter, Type = "budget_held" };
    /// <param name="retryAfter"><c>null</c> if waiting does not help: the request exceeds the limit.</param>
    public static Refusal RateLimited(string message, TimeSpan? retryAfter) =>
        new(429, "rate_limited", message) { RetryAfter = retryAfter };

    public static Refusal InternalError(string traceId) =>
        new(500, "internal_error", $"Something went wrong here. Tell the administrator this trace id: {traceId}");
    public static Refusal ProviderKeyRejected(string provider) =>
        new(502, "provider_key_rejected", $"{provider} rejected our key. Tell the administrator.");
    public static Refusal UpstreamUnreachable(string provider) =>
        new(502, "upstream_unreachable", $"{provider} cannot be reached.");
    public static Refusal UpstreamBroken(string provider) =>
        new(502, "upstream_broken", $"{provider} ended its response too early.");
    public static Refusal UpstreamUnreadable(string provider, string coding) =>
        new(502, "upstream_unreadable",
            $"{provider} used the unsupported coding \"{coding}\", so its usage cannot be read. Tell the administrator.");
    public static Refusal UpstreamRedirected(string provider) =>
        new(502, "upstream_redirected",
            $"{provider} responded with a redirect, which AiPipe does not follow. Tell the administrator.");
    public static Refusal FetchFailed(string host) => new(502, "fetch_failed", $"{host} cannot be fetched.");
    public static Refusal FetchTooLarge(long limit) => new(502, "fetch_too_large",
        string.Create(CultureInfo.InvariantCulture, $"The response is larger than {limit} bytes, the most that is passed on."));
    public static Refusal ServerBusy(string message, TimeSpan retryAfter) =>
        new(503, "server_busy", message) { RetryAfter = retryAfter };
    public static Refusal SignInNotConfigured(string how, string mend) =>
        new(503, "sign_in_not_configured", $"Signing in with {how} is not set up here. {mend}");
    public static Refusal ProviderNotConfigured(string provider, string mend) =>
        new(503, "provider_not_configured", $"{provider} has no key here. {mend}");
    public static Refusal LedgerUnavailable(TimeSpan retryAfter) =>
        new(503, "ledger_unavailable",
            "The usage ledger is unavailable. Try again in a few seconds.")
        { RetryAfter = retryAfter };
    public static Refusal CounterUnavailable(TimeSpan retryAfter) =>
        new(503, "counter_unavailable",
            "The budget counters are unavailable. Try again in a few seconds.")
        { RetryAfter = retryAfter };
    public static Refusal UpstreamTimeout(string provider) =>
        new(504, "upstream_timeout", $"{provider} did not respond in time.");
    public static Refusal FetchTimeout(int seconds) => new(504, "fetch_timeout",
        string.Create(CultureInfo.InvariantCulture, $"Request timed out after {seconds} seconds"));

    private static string Or(string list) => list.LastIndexOf(", ", StringComparison.Ordinal) is >= 0 and var last
        ? $"{list[..last]} or {list[(last + 2)..]}" : list;
}
