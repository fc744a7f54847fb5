namespace AiPipe.Portal.Pages.Console;

/// <summary>What pages say of settings.</summary>
internal static class SettingText
{
    extension(SettingInfo setting)
    {
        /// <summary>An admin changed it while the gateway ran.</summary>
        public bool IsChanged => setting.Source == "runtime";
    }
}
