using System.ComponentModel.DataAnnotations;

namespace AiPipe.Proxy.Accounts.Classes;

/// <summary>Section <c>AiPipe:Classes</c>: how far teachers go who are no admins. Admins set what they like.</summary>
internal sealed class ClassOptions
{
    public const string Section = "AiPipe:Classes";

    /// <summary>USD that a class may give each member.</summary>
    [Range(typeof(decimal), "0", "9000000")]
    public decimal MostPerPerson { get; set; } = 10;

    /// <summary>Members of a class.</summary>
    [Range(0, 100_000)]
    public int MostMembers { get; set; } = 500;

    /// <summary>USD that a class may spend in all its time; also what it may where its teacher says nothing.</summary>
    [Range(typeof(decimal), "0", "9000000")]
    public decimal MostTogether { get; set; } = 500;

    /// <summary>Classes that a teacher may have that are not over.</summary>
    [Range(0, 10_000)]
    public int MostClasses { get; set; } = 20;
}
