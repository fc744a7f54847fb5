namespace AiPipe.Proxy.Journey.Forwarding;

internal static class ForwardingSetup
{
    public static IHostApplicationBuilder AddForwarding(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardingOptions>().BindConfiguration("AiPipe:Forwarding").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHttpForwarder()
            .AddSingleton<UpstreamClients>().AddSingleton<CallBodyReader>().AddSingleton<UpstreamInvoker>();
        return builder;
    }
}
