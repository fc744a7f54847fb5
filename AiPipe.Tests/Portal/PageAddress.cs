using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AiPipe.Tests.Portal;

/// <summary>Waits for navigations.</summary>
internal static class PageAddress
{
    /// <summary>
    /// Waits until the page's address is <paramref name="pattern"/>. Playwright's own wait also needs a load event, and misses one that
    /// comes between its look at the address and its subscription.
    /// </summary>
    /// <param name="page">A page that navigates.</param>
    /// <param name="pattern">The whole address; <c>*</c> stands for any text.</param>
    public static Task WaitForAddressAsync(this IPage page, string pattern) => Expect(page).ToHaveURLAsync(
        new Regex($"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(1)));
}
