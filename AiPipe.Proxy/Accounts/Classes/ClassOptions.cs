using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Section <c>AiPipe:Classes</c>: limits of teachers who are not administrators.</summary>
internal sealed class ClassOptions
{
    public const string Section = "AiPipe:Classes";

    /// <summary>The highest budget per member, in USD.</summary>
    [Range(typeof(decimal), "0", "9000000")]
    public decimal MostPerPerson { get; set; } = 10;

    /// <summary>The most members of a class.</summary>
    [Range(0, 100_000)]
    public int MostMembers { get; set; } = 500;

    /// <summary>The highest total of a class, in USD; also the default.</summary>
    [Range(typeof(decimal), "0", "9000000")]
    public decimal MostTogether { get; set; } = 500;

    /// <summary>The most classes of a teacher that have not ended.</summary>
    [Range(0, 10_000)]
    public int MostClasses { get; set; } = 20;
}
