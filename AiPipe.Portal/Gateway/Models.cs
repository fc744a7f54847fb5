namespace AiPipe.Portal.Gateway;

internal static class ModelsApi
{
    public static async Task<IReadOnlyList<ModelInfo>> GetModelsAsync(this GatewayClient gateway, CancellationToken cancellationToken) =>
        (await gateway.GetAsync("/models", ContractJson.Default.ModelList, cancellationToken)).Data;
}
