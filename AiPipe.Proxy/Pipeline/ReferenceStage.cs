using AiPipe.Proxy.Apis.RequestBody;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Calls;
using AiPipe.Proxy.Errors;
using AiPipe.Proxy.Ledger;
using Npgsql;

namespace AiPipe.Proxy.Pipeline;

/// <summary>
/// Refuses requests that refer to what the provider stores for other callers. All callers share our account there, so the provider would
/// answer with another person's text.
/// </summary>
internal sealed class ReferenceStage(StoredResponses responses)
{
    private const int MaxIdLength = 200;

    private static readonly TimeSpan LedgerRetry = TimeSpan.FromSeconds(5);

    public ValueTask<Refusal?> CheckAsync(CallContext call)
    {
        if (call.Caller is not Caller.User caller || !call.Endpoint.IsMetered) return default;
        var references = StoredReferences.Read(call.Body.Bytes.Span);
        return references.Count == 0 ? default : CheckAsync(call, references, caller, call.Http.RequestAborted);
    }

    private async ValueTask<Refusal?> CheckAsync(
        CallContext call, IReadOnlyList<StoredReference> references, Caller.User caller, CancellationToken cancellationToken)
    {
        try
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (field, id) in references)
            {
                if (known.Contains(id)) continue;
                if (id.Length > MaxIdLength || await responses.FindAsync(caller, id, cancellationToken) is not { } stored)
                    return Refusal.ReferenceNotYours(field);
                known.Add(id);
                // The input includes the earlier response, whose tokens the ledger knows.
                if (id == call.Body.PreviousResponse) call.Body = call.Body with { PreviousTokensAtMost = stored.Input + stored.Output };
            }
            return null;
        }
        catch (NpgsqlException)
        {
            return Refusal.LedgerUnavailable(LedgerRetry);
        }
    }
}
