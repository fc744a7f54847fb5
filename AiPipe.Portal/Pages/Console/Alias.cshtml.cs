namespace AiPipe.Portal.Pages.Console;

/// <summary>One alias as JSON.</summary>
public sealed class AliasModel() : DocumentPage("Aliases", "/Console/Aliases",
    """
    {
      "Targets": [
        { "Provider": "openai", "Model": "gpt-4o-mini", "Weight": 3 },
        { "Provider": "openrouter", "Model": "openai/gpt-4o-mini", "Weight": 1 }
      ],
      "Retries": 1
    }
    """);
