namespace AiPipe.Portal.Pages.Console;

internal static class SettingText
{
    extension(SettingInfo setting)
    {
        /// <summary>An administrator changed it in the console.</summary>
        public bool IsChanged => setting.Source == "runtime";
    }
}
