namespace AiPipe.Portal.Pages.Console;

/// <summary>One route as JSON.</summary>
public sealed class RouteModel() : DocumentPage("Routes", "/Console/Routes",
    """
    {
      "Path": "/support",
      "Targets": [
        { "Provider": "openai", "Model": "gpt-4o-mini" }
      ],
      "Options": { "max_tokens": 512 }
    }
    """);
