using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AiPipe.Contracts;

/// <summary>
/// The one JSON form of the API: names in snake_case, absent properties instead of <c>null</c>, no property twice.
/// </summary>
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(UsageRecords))]
[JsonSerializable(typeof(UsageOfAll))]
[JsonSerializable(typeof(CallEstimate))]
[JsonSerializable(typeof(CallList))]
[JsonSerializable(typeof(CallDetails))]
[JsonSerializable(typeof(SpendReport))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(Consent))]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(GrantResponse))]
[JsonSerializable(typeof(GrantList))]
[JsonSerializable(typeof(CodeExchangeRequest))]
[JsonSerializable(typeof(CodeExchangeResponse))]
[JsonSerializable(typeof(ClassRequest))]
[JsonSerializable(typeof(ClassList))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(RosterRequest))]
[JsonSerializable(typeof(RosterResult))]
[JsonSerializable(typeof(PersonList))]
[JsonSerializable(typeof(PersonRequest))]
[JsonSerializable(typeof(OneTimeLink))]
[JsonSerializable(typeof(LoginOptions))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInResponse))]
[JsonSerializable(typeof(CurrentUser))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(ResetToken))]
[JsonSerializable(typeof(IssuedToken))]
[JsonSerializable(typeof(SettingRequest))]
[JsonSerializable(typeof(SettingList))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(HostKeyRequest))]
[JsonSerializable(typeof(RouteList))]
[JsonSerializable(typeof(PriceList))]
[JsonSerializable(typeof(CostRequest))]
[JsonSerializable(typeof(MessageResponse))]
[JsonSerializable(typeof(SystemInfo))]
[JsonSerializable(typeof(SimilarityRequest))]
[JsonSerializable(typeof(SimilarityResponse))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
public sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>Makes other options write and read as this context does, indented, and with any other type besides.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.AllowDuplicateProperties = false;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.WriteIndented = true;
        options.TypeInfoResolver = JsonTypeInfoResolver.Combine(Default, new DefaultJsonTypeInfoResolver());
    }

    /// <summary>The same, indented: for responses that people read in a terminal or a browser.</summary>
    public static ContractJson Indented => field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true });
}
