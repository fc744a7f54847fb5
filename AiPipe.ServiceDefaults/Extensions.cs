namespace AiPipe.ServiceDefaults;

/// <summary>What every service of AiPipe has: telemetry, health, and its database by name.</summary>
public static class Extensions
{
}
